"""One arm with one seed: rounds of sampling, judging, updating, measuring and reading."""

import itertools
import json
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.recursion.arm import Arm
from benchmarks.recursion.draw import seed_of
from benchmarks.recursion.first_answers import first_answers, first_prompts
from benchmarks.recursion.gold_judge import GoldJudge
from benchmarks.recursion.help import Help
from benchmarks.recursion.judge import Judge
from benchmarks.recursion.measurement import Measurement, mark_figures
from benchmarks.recursion.plan import Plan
from benchmarks.recursion.reading import Readers, Readings
from benchmarks.recursion.sampler import Sampler
from benchmarks.recursion.spending import first_pairs, picked
from benchmarks.recursion.state import RunState, StateStore
from ratchet.demo.prompt_feed import training_order
from ratchet.demo.prompts import CustomerPrompt
from ratchet.learner.model import PolicyTrainer
from ratchet.learner.training_groups import training_group
from ratchet.v1.judgement_pb2 import JudgedGroup


class Run:
    """Everything that one run needs, taken up where its last whole round ended."""

    def __init__(self, plan: Plan, arm: Arm, seed: int, model: Path, out: Path) -> None:
        self._plan, self._arm, self._seed = plan, arm, seed
        self._out, self._folder = out, out / f"{arm.name}-{seed}"
        self._store = StateStore(self._folder / "state")
        self._sampler = Sampler(model, plan.max_tokens, plan.temperature)
        self._trainer = PolicyTrainer(model, plan.trainer(seed))
        self._gold = GoldJudge(model)
        self._judge = Judge(
            model, self._folder / "features", self._sampler.tokenizer, plan.judge(), arm.reward
        )
        self._help = Help(arm.helper, model, self._sampler.tokenizer, plan.critic_answers)
        self._readers = Readers(seed, plan.caught, plan.misled, plan.repeat_share)
        self._measurement = Measurement(plan, seed, self._sampler, self._trainer, self._gold)
        self._state = RunState()
        self._resume()

    @property
    def done(self) -> bool:
        """Whether the last round is over."""
        return self._state.progress.step >= self._plan.steps

    def round(self) -> dict[str, Any]:
        """The next round, saved; what it measured."""
        began = time.perf_counter()
        progress = self._state.progress
        if progress.step < 0:
            progress.step = 0
            judged: list[JudgedGroup] = []
            line: dict[str, Any] = {}
        else:
            judged, line = self._teach()
        line = {"step": progress.step} | line | self._measure(judged)
        line["answers_read"] = 2 * len(self._state.preferences)
        line["seconds"] = round(time.perf_counter() - began, 2)
        progress.lines.append(line)
        self._store.save(self._state, [self._trainer.save, self._judge.save, self._help.save])
        self._write_lines()
        return line

    def _resume(self) -> None:
        found = self._store.load()
        if found is None:
            return
        self._state, folder = found
        self._trainer.load(folder)
        self._sampler.load(self._trainer.merged_weights())
        if self._arm.reads:
            self._judge.learn(self._state.preferences)
            self._judge.load(folder, self._state.progress.judge_number)
            self._help.load(folder)
        self._write_lines()

    def _teach(self) -> tuple[list[JudgedGroup], dict[str, Any]]:
        """The steps of a round: the judged groups, and how it went."""
        progress, plan = self._state.progress, self._plan
        judged: list[JudgedGroup] = []
        kl = 0.0
        seconds = {"sampling": 0.0, "judging": 0.0, "updating": 0.0}
        for _ in range(plan.every):
            times = [time.perf_counter()]
            version = progress.step + 1
            groups = self._sampler.answer(
                self._training_prompts(progress.step),
                plan.completions,
                version,
                seed_of("train", self._seed, progress.step),
            )
            times.append(time.perf_counter())
            rewarded = (self._judge if self._arm.reads else self._gold).judge(groups)
            times.append(time.perf_counter())
            kl = self._trainer.update(
                [training_group(group, plan.spread_penalty) for group in rewarded]
            ).kl
            self._sampler.load(self._trainer.merged_weights())
            times.append(time.perf_counter())
            for name, (start, end) in zip(seconds, itertools.pairwise(times), strict=True):
                seconds[name] += end - start
            judged += rewarded
            progress.step += 1
        scores = [j.score for group in judged for j in group.judgements]
        return judged, {
            "training_score": fmean(scores),
            "training_kl": kl,
            "seconds_a_step": {name: s / plan.every for name, s in seconds.items()},
        }

    def _measure(self, judged: Sequence[JudgedGroup]) -> dict[str, Any]:
        """The policy as it is now, its judge, and what people read of its answers."""
        step = self._state.progress.step
        held_out = self._measurement.held_out(step)
        line = self._measurement.policy(held_out)
        if not self._arm.reads:
            return line
        if self._judge.version is not None:
            line |= self._measurement.judge(self._judge, held_out)
        if not self._reads_now:
            return line
        fit_seed = seed_of("judge", self._seed, step) % 2**32
        self._help.follow(self._trainer, self._state.preferences, fit_seed)
        if self._help.critic is not None:
            line["critic_auc"] = self._help.aucs(held_out)
        readings = self._read(judged)
        line |= mark_figures(readings)
        if not readings.preferences:  # all answers of every group are alike
            return line
        self._state.preferences += readings.preferences
        self._judge.learn(readings.preferences)
        self._state.progress.judge_number += 1
        trained = self._judge.fit(self._state.progress.judge_number, fit_seed)
        line["judge_proven"] = trained.report.passed
        after = self._measurement.judge(self._judge, held_out)
        line |= {f"{name}_after_fit": value for name, value in after.items()}
        if self._help.wanted:
            self._help.learn(readings.preferences, fit_seed)
            line["critic_auc_after_fit"] = self._help.aucs(held_out)
        return line

    @property
    def _reads_now(self) -> bool:
        """Whether this arm has answers read after the round at hand."""
        step = self._state.progress.step
        return step == 0 or (self._arm.online and step < self._plan.steps)

    def _read(self, judged: Sequence[JudgedGroup]) -> Readings:
        """People read as many answers as this arm has them read now."""
        plan, step = self._plan, self._state.progress.step
        if step == 0:
            pairs = plan.first_pairs if self._arm.online else plan.pairs
            first = first_answers(plan, self._seed, self._sampler, self._out)
            comparisons = first_pairs(first, self._readers.new_pairs(pairs))
        else:
            pairs = plan.pairs_per_round
            seed = seed_of("pairs", self._seed, step)
            comparisons = picked(judged, self._readers.new_pairs(pairs), plan.spending, seed)
        return self._readers.read(comparisons, self._help.flags(comparisons), pairs)

    def _training_prompts(self, step: int) -> list[CustomerPrompt]:
        """Of one update; none that people were asked about before, until all have had a turn."""
        order = training_order(self._seed)
        start = len(first_prompts(self._plan, self._seed)) + step * self._plan.groups
        return [order[i % len(order)] for i in range(start, start + self._plan.groups)]

    def _write_lines(self) -> None:
        text = "".join(f"{json.dumps(line)}\n" for line in self._state.progress.lines)
        aside = self._folder / ".rounds.jsonl"
        aside.write_text(text, encoding="utf-8")
        aside.rename(self._folder / "rounds.jsonl")
