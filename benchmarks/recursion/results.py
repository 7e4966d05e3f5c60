"""What the runs of a folder measured."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.recursion.arm import ARMS
from benchmarks.recursion.plan import Plan

LAST = 3
"""Rounds whose mean is a run's end: one reading of 128 answers is noisy."""


@dataclass(frozen=True)
class RunResult:
    """The lines of one run that is over."""

    arm: str
    seed: int
    lines: Sequence[dict[str, Any]]

    def end(self, figure: str) -> float | None:
        """Mean of a figure over the last rounds; None where the run has none."""
        return _mean([line.get(figure) for line in self.lines[-LAST:]])

    def loss(self) -> float:
        """Gold at its best, as a mean of three rounds in a row, less gold at the end.

        The best rounds are chosen by the first answer to each prompt and their gold is that of the
        second: the best of noisy means is above the end even where nothing is lost.
        """
        best, end = (fmean(line["gold_by_answer"][1] for line in at) for at in self._best_and_end)
        return best - end

    def proxy_gain(self) -> float | None:
        """The judge's score of the second answers at the end, less that in gold's best rounds."""
        best, end = (
            _mean([_proxies(line)[1] for line in lines if _proxies(line)])
            for lines in self._best_and_end
        )
        return None if best is None or end is None else end - best

    @property
    def _best_and_end(self) -> tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]:
        windows = [self.lines[i : i + LAST] for i in range(max(len(self.lines) - LAST, 0) + 1)]
        best = max(windows, key=lambda lines: fmean(line["gold_by_answer"][0] for line in lines))
        return best, windows[-1]

    def critic_auc(self, when: str) -> float | None:
        """Mean of the critic's AUC over criteria and rounds; `when`: "" or "_after_fit".

        Of the rounds in which it was measured both before and after the fit.
        """
        both = [x for x in self.lines if "critic_auc" in x and "critic_auc_after_fit" in x]
        return _mean([v for line in both for v in line[f"critic_auc{when}"].values()])

    def label_accuracy(self, of: str) -> dict[str, float]:
        """Balanced accuracy of each criterion's marks, over all answers read after the first round.

        `of`: "shown" as they were made, "alone" as the readers would have made them without help.
        """
        found: dict[str, float] = {}
        read = [line["marks"][of]["counts"] for line in self.lines[1:] if "marks" in line]
        for name in read[0] if read else ():
            total = {key: sum(counts[name][key] for counts in read) for key in read[0][name]}
            if total["broken"] and total["sound"]:
                missed = 1 - total["caught"] / total["broken"]
                found[name] = 1 - (missed + total["wrong"] / total["sound"]) / 2
        return found

    def false_marks(self, of: str) -> float | None:
        """Share of the sound criteria that were marked, over all answers read later."""
        read = [line["marks"][of]["counts"] for line in self.lines[1:] if "marks" in line]
        sound = sum(c["sound"] for counts in read for c in counts.values())
        return (
            sum(c["wrong"] for counts in read for c in counts.values()) / sound if sound else None
        )


@dataclass(frozen=True)
class Results:
    """All runs of a folder that are over."""

    plan: Plan
    runs: Sequence[RunResult]
    machines: Sequence[dict[str, Any]]
    """Where they ran, and at which commits; each once."""
    unfinished: Sequence[str]
    """Folders of runs that are not over, and so left out."""

    def of(self, arm: str) -> dict[int, RunResult]:
        """Seed -> run."""
        return {run.seed: run for run in self.runs if run.arm == arm}

    def paired(
        self, arm: str, other: str, value: Callable[[RunResult], float | None]
    ) -> list[float]:
        """Differences of a value between the runs of two arms that share a seed."""
        ours, theirs = self.of(arm), self.of(other)
        pairs = [(value(ours[seed]), value(theirs[seed])) for seed in ours if seed in theirs]
        return [a - b for a, b in pairs if a is not None and b is not None]

    def each(self, arm: str, value: Callable[[RunResult], float | None]) -> list[float]:
        """A value of every run of an arm that has it."""
        return [found for run in self.of(arm).values() if (found := value(run)) is not None]


def read_results(out: Path) -> Results:
    """Reads the folder; runs that are not over are only named.

    Raises:
        ValueError: there is no plan, or no run is over.
    """
    if not (out / "plan.json").exists():
        raise ValueError(f"{out}: no plan.json, so no runs")
    plan = Plan.model_validate_json((out / "plan.json").read_bytes())
    runs: list[RunResult] = []
    machines: list[dict[str, Any]] = []
    unfinished: list[str] = []
    for arm in ARMS:
        for folder in sorted(out.glob(f"{arm}-*")):
            name, _, seed = folder.name.rpartition("-")
            if name != arm:
                continue
            lines = read_lines(folder / "rounds.jsonl")
            if not lines or lines[-1]["step"] < plan.steps:
                unfinished.append(folder.name)
                continue
            runs.append(RunResult(arm, int(seed), lines))
            for machine in read_lines(folder / "machines.jsonl"):
                machines += [machine] if machine not in machines else []
    if not runs:
        raise ValueError(f"{out}: no run is over")
    return Results(plan, runs, machines, unfinished)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """One JSON object a line; none where there is no file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _proxies(line: dict[str, Any]) -> list[float]:
    """Of both answers, by the judge in force; by the first one in the round that fits it."""
    return line.get("proxy_by_answer") or line.get("proxy_by_answer_after_fit") or []


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
