"""What could be reached: the same policy, prompts, sampler and trainer, with gold as the reward.

`python -m ratchet.demo.ceiling` is a process of its own beside no other: one loop that samples with
vLLM, scores, updates and swaps, without Kafka, judge and gates, which cost time and teach nothing.
"""

import argparse
import asyncio
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import numpy as np
import torch
from transformers.utils import logging as transformers_logging

from ratchet.demo.evaluation import ANSWERS_PER_PROMPT, EvaluatedAnswer
from ratchet.demo.gold import HIGHEST, gold_score
from ratchet.demo.plan import COMPLETIONS, GROUPS_PER_UPDATE
from ratchet.demo.prompt_feed import training_order
from ratchet.demo.prompts import NEVER_TRAINED, CustomerPrompt
from ratchet.demo.report.fluency import FixedModel
from ratchet.learner.model import PolicyTrainer, TrainingGroup
from ratchet.learner.trainer_settings import TrainerSettings
from ratchet.policy.config import PolicySettings
from ratchet.policy.model import PolicyModel
from ratchet.process.packed import unpack_f32, unpack_u32
from ratchet.reward.packing import TokenGroup
from ratchet.v1.rollout_pb2 import Completion

SEQUENCES = 96


class Ceiling:
    """One policy that learns from gold itself."""

    def __init__(
        self, model: Path, sampler: PolicyModel, settings: PolicySettings, seed: int
    ) -> None:
        self._sampler, self._settings = sampler, settings
        self._trainer = PolicyTrainer(model, TrainerSettings(seed=seed))
        self._fixed = FixedModel(model)
        self._prompts = itertools.cycle(training_order(seed))

    async def update(self, weights: Path) -> float:
        """Rollouts, an update, and the new weights in the sampler; the rollouts' mean gold."""
        prompts = list(itertools.islice(self._prompts, GROUPS_PER_UPDATE))
        answers = await asyncio.gather(*(self._sample(p, COMPLETIONS) for p in prompts))
        groups = [
            self._group(p, completions) for p, completions in zip(prompts, answers, strict=True)
        ]
        self._trainer.update([group for group, _ in groups])
        weights.mkdir()
        self._trainer.export(weights)
        await self._sampler.swap(weights, self._sampler.version + 1)
        return fmean(gold for _, golds in groups for gold in golds)

    async def evaluate(self, answers: int) -> list[EvaluatedAnswer]:
        """As the demo does it, by what the policy is now."""
        prompts = NEVER_TRAINED[: answers // ANSWERS_PER_PROMPT]
        pairs = await asyncio.gather(*(self._sample(p, ANSWERS_PER_PROMPT) for p in prompts))
        return [
            EvaluatedAnswer.of(prompt, completion)
            for prompt, pair in zip(prompts, pairs, strict=True)
            for completion in pair
        ]

    async def _sample(self, prompt: CustomerPrompt, count: int) -> list[Completion]:
        return await self._sampler.generate(
            self._sampler.prompt_ids(prompt.messages),
            count,
            self._settings.max_tokens,
            self._settings.temperature,
        )

    def _group(
        self, prompt: CustomerPrompt, completions: Sequence[Completion]
    ) -> tuple[TrainingGroup, list[float]]:
        """The group, rewarded by gold on the judge's scale, and its gold.

        A judge scores from 0 to 1: only on that scale does a nat of KL cost the same share.
        """
        fluencies = self._fixed.fluency([completion.text for completion in completions])
        golds = [
            gold_score(prompt, c.text, c.finish_reason, fluency)
            for c, fluency in zip(completions, fluencies, strict=True)
        ]
        group = TrainingGroup(
            TokenGroup(
                self._sampler.prompt_ids(prompt.messages),
                tuple(tuple(unpack_u32(c.token_ids)) for c in completions),
            ),
            tuple(np.array(unpack_f32(c.log_probabilities), np.float32) for c in completions),
            tuple(gold / HIGHEST for gold in golds),
            self._settings.temperature,
        )
        return group, golds


async def teach(model: Path, seed: int, updates: int, answers: int) -> list[EvaluatedAnswer]:
    """Answers to never-trained prompts after so many updates by gold."""
    settings = PolicySettings(registry=model, max_num_seqs=SEQUENCES)
    sampler = await PolicyModel.start(model, 1, settings)
    try:
        ceiling = Ceiling(model, sampler, settings, seed)
        with TemporaryDirectory() as versions:
            for update in range(1, updates + 1):
                gold = await ceiling.update(Path(versions) / f"{update}")
                print(f"update {update}/{updates}: mean gold {gold:.2f}", flush=True)
        return await ceiling.evaluate(answers)
    finally:
        sampler.close()


def main() -> int:
    """Writes a line of JSON for every answer."""
    parser = argparse.ArgumentParser(prog="python -m ratchet.demo.ceiling", description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--updates", type=int, required=True)
    parser.add_argument("--answers", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="a JSON-lines file")
    a = parser.parse_args()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    torch.manual_seed(a.seed)
    answers = asyncio.run(teach(a.model, a.seed, a.updates, a.answers))
    a.out.write_text(
        "".join(f"{answer.model_dump_json()}\n" for answer in answers), encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
