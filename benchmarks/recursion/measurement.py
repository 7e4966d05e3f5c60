"""What is measured of a policy, its judge and its readers after a round."""

from collections.abc import Sequence
from dataclasses import asdict
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks.recursion.draw import seed_of
from benchmarks.recursion.gold_judge import GoldJudge
from benchmarks.recursion.judge import Judge
from benchmarks.recursion.plan import Plan
from benchmarks.recursion.reading import Counts, Readings
from benchmarks.recursion.sampler import Sampler
from benchmarks.recursion.unjudged import unjudged
from ratchet.demo.erring_reader import TIE_MARGIN
from ratchet.demo.prompts import NEVER_TRAINED
from ratchet.learner.model import PolicyTrainer
from ratchet.learner.training_groups import training_group
from ratchet.reward.agreement import pair_agreement
from ratchet.v1.rollout_pb2 import RolloutGroup


class Measurement:
    """Reads answers to never-trained prompts, two each, that every round draws anew."""

    def __init__(
        self, plan: Plan, seed: int, sampler: Sampler, trainer: PolicyTrainer, gold: GoldJudge
    ) -> None:
        self._plan, self._seed = plan, seed
        self._sampler, self._trainer, self._gold = sampler, trainer, gold
        self._golds: list[np.ndarray] = []

    def held_out(self, step: int) -> list[RolloutGroup]:
        """The newest policy's answers; the last prompts, for the demo's report reads the first."""
        prompts = NEVER_TRAINED[-self._plan.held_out_prompts :]
        groups = self._sampler.answer(prompts, 2, step + 1, seed_of("held out", self._seed, step))
        self._golds = self._gold.gold(groups)
        return groups

    def policy(self, held_out: Sequence[RolloutGroup]) -> dict[str, Any]:
        """Of the policy alone."""
        completions = [c for group in held_out for c in group.completions]
        lengths = [len(c.token_ids) // 4 for c in completions]
        return {
            "gold": fmean(gold for gold_n in self._golds for gold in gold_n),
            "gold_by_answer": np.mean(self._golds, axis=0).tolist(),
            "kl": self._kl(held_out),
            "distinct_answers": len({c.text for c in completions}) / len(completions),
            "answer_tokens": fmean(lengths),
            "finished": fmean(c.finish_reason == "stop" for c in completions),
        }

    def judge(self, judge: Judge, held_out: Sequence[RolloutGroup]) -> dict[str, Any]:
        """What a judge says of these answers, and how often it prefers what gold prefers."""
        scores = np.array(
            [[j.score for j in judged.judgements] for judged in judge.judge(held_out)]
        )
        golds = np.array(self._golds)
        difference_n = golds[:, 0] - golds[:, 1]
        decided_n = np.abs(difference_n) >= TIE_MARGIN
        outcome_n = np.where(decided_n, (difference_n > 0).astype(float), 0.5)
        agreement = pair_agreement(scores[:, 0] - scores[:, 1], outcome_n)
        return {
            "proxy": float(scores.mean()),
            "proxy_by_answer": scores.mean(axis=0).tolist(),
            "agreement": None if np.isnan(agreement) else agreement,
        }

    def _kl(self, held_out: Sequence[RolloutGroup]) -> float:
        some = held_out[: self._plan.kl_prompts]
        return self._trainer.kl([training_group(unjudged(group), 0.0) for group in some])


def mark_figures(readings: Readings) -> dict[str, Any]:
    """How right the marks were that were made, and those the readers would have made alone."""
    counted = {"shown": readings.shown, "alone": readings.alone, "proving": readings.proving}
    return {
        "marks": {
            name: {"counts": {c: asdict(of) for c, of in counts.items()}} | accuracy(counts)
            for name, counts in counted.items()
        }
    }


def accuracy(counts: Counts) -> dict[str, Any]:
    """Balanced accuracy of each criterion that had both kinds, its mean, and of sound ones marked.

    The balanced accuracy is the mean of how many of the broken were marked and how many of the
    sound were not.
    """
    balanced = {
        name: (of.caught / of.broken + 1 - of.wrong / of.sound) / 2
        for name, of in counts.items()
        if of.broken and of.sound
    }
    sound = sum(of.sound for of in counts.values())
    wrong = sum(of.wrong for of in counts.values())
    return {
        "balanced_accuracy": balanced,
        "mean_balanced_accuracy": fmean(balanced.values()) if balanced else None,
        "false_marks": wrong / sound if sound else None,
    }
