"""The experiment's rows: differences between arms, each with its interval over the seeds."""

from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Any

from scipy.stats import t

from benchmarks.recursion.results import Results, RunResult


def rows(results: Results) -> list[dict[str, Any]]:
    """Every row that at least one run, or one pair of runs with the same seed, tells of."""

    def gold(run: RunResult) -> float | None:
        return run.end("gold")

    differences = [
        ("online minus frozen, gold", "O", "F"),
        ("current minus first helper, gold", "O+A", "O+A0"),
        ("helped minus unhelped readers, gold", "O+A", "O"),
        ("own minus shuffled critiques, gold", "O+A", "O+shuffled"),
        ("votes minus marks, gold", "O-votes", "O"),
        ("both minus marks, gold", "O-both", "O"),
        ("gold as the reward minus online, gold", "gold", "O"),
    ]
    found = [
        _row(name, results.paired(arm, other, gold), "points") for name, arm, other in differences
    ]
    found += [
        _row(
            "frozen minus online, gold lost since its best",
            results.paired("F", "O", RunResult.loss),
            "points",
        ),
        _row("frozen, gold lost since its best", results.each("F", RunResult.loss), "points"),
        _row("online, gold lost since its best", results.each("O", RunResult.loss), "points"),
        _row(
            "frozen, judge's score gained since gold's best",
            results.each("F", RunResult.proxy_gain),
            "share of the weight",
        ),
        _row(
            "online minus frozen, judge's agreement with gold",
            results.paired("O", "F", lambda run: run.end("agreement")),
            "of pairs",
        ),
        _row(
            "helped minus unhelped label accuracy",
            results.each("O+A", _help),
            "balanced accuracy, mean of the criteria",
        ),
        _row(
            "helped by shuffled critiques minus unhelped label accuracy",
            results.each("O+shuffled", _help),
            "balanced accuracy, mean of the criteria",
        ),
        _row(
            "helped minus unhelped false marks",
            results.each("O+A", _false_marks),
            "of sound criteria",
        ),
        _row(
            "critic AUC over chance",
            results.each("O+A", lambda run: _over_chance(run.critic_auc("_after_fit"))),
            "AUC - .5, mean of the criteria",
        ),
        _row("critic AUC, after minus before the round's fit", results.each("O+A", _gain), "AUC"),
    ]
    return [row for row in found if row is not None]


def per_criterion(results: Results, arm: str = "O+A") -> dict[str, dict[str, float]]:
    """Of each criterion the labels' balanced accuracy with and without help.

    Means of the runs that tell it.
    """
    found: dict[str, dict[str, list[float]]] = {}
    for of in ("alone", "shown"):
        for run in results.of(arm).values():
            for name, value in run.label_accuracy(of).items():
                found.setdefault(name, {}).setdefault(of, []).append(value)
    return {name: {of: fmean(values) for of, values in by.items()} for name, by in found.items()}


def _help(run: RunResult) -> float | None:
    shown, alone = run.label_accuracy("shown"), run.label_accuracy("alone")
    return fmean(shown.values()) - fmean(alone.values()) if shown else None


def _false_marks(run: RunResult) -> float | None:
    shown, alone = run.false_marks("shown"), run.false_marks("alone")
    return None if shown is None or alone is None else shown - alone


def _over_chance(auc: float | None) -> float | None:
    return None if auc is None else auc - 0.5


def _gain(run: RunResult) -> float | None:
    before, after = run.critic_auc(""), run.critic_auc("_after_fit")
    return None if before is None or after is None else after - before


def _row(name: str, values: Sequence[float], unit: str) -> dict[str, Any] | None:
    if not values:
        return None
    low, high = interval(values)
    return {
        "name": name,
        "value": fmean(values),
        "low": low,
        "high": high,
        "runs": len(values),
        "unit": unit,
        "values": list(values),
    }


def interval(values: Sequence[float]) -> tuple[float | None, float | None]:
    """The 95% interval of the mean by Student's t; None of fewer than two values."""
    if len(values) < 2:
        return None, None
    half = float(t.ppf(0.975, len(values) - 1)) * stdev(values) / len(values) ** 0.5
    return fmean(values) - half, fmean(values) + half
