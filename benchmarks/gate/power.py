"""How many labels a proof takes, beside others' tests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.gate.bettors import Test, agrapa, grid, online_newton, waiting
from benchmarks.gate.fixed_tests import clopper_pearson, hoeffding
from benchmarks.row import Row

AGREEMENTS = {0.6: (0.65, 0.7, 0.75, 0.8, 0.85, 0.9), 0.7: (0.75, 0.8, 0.85, 0.9, 0.95)}
"""threshold -> true agreements of the judges that are to be promoted."""
TESTS: dict[str, Test] = {
    "the gate": grid,
    "aGRAPA": agrapa,
    "ONS": online_newton,
    "Clopper-Pearson, Bonferroni": clopper_pearson,
    "Hoeffding, Bonferroni": hoeffding,
}
STREAMS, LABELS = 1000, 4000
BEFORE = 500
"""Labels that a judge was good for before it breaks."""


@dataclass(frozen=True)
class Point:
    """One test at one true agreement: labels until half, and until 90%, of judges are promoted."""

    threshold: float
    agreement: float
    test: str
    half: list[float]
    """One of each run."""
    nine_tenths: list[float]


def power(runs: int) -> list[Point]:
    """Of all tests, on the same streams."""
    return [
        point
        for threshold, agreements in AGREEMENTS.items()
        for agreement in agreements
        for point in _points(threshold, agreement, runs)
    ]


def promotion_rows(points: Sequence[Point]) -> Iterator[Row]:
    """The gate beside exact bounds at every agreement, and beside all others at one."""
    found = {(point.threshold, point.agreement, point.test): point for point in points}
    for threshold, agreements in AGREEMENTS.items():
        for agreement in agreements:
            ours = found[threshold, agreement, "the gate"]
            at_one = (threshold, agreement) == (0.6, 0.75)
            for peer in list(TESTS)[1:] if at_one else ["Clopper-Pearson, Bonferroni"]:
                theirs = found[threshold, agreement, peer]
                name = f"labels until half of the judges with agreement {agreement} are over"
                yield fewer(f"{name} {threshold}, against {peer}", peer, ours.half, theirs.half)


def demotion_row(runs: int) -> Row:
    """How long a judge that broke late goes on, by a bettor with a reserve and by one without."""
    found: dict[Test, list[float]] = {waiting: [], grid: []}
    for seed in range(runs):
        random = np.random.default_rng(seed)
        good_ST = random.random((STREAMS, BEFORE)) < 0.8
        broken_ST = random.random((STREAMS, LABELS)) < 0.4
        wrong_ST = 1.0 - np.concatenate([good_ST, broken_ST], axis=1)
        for test, medians in found.items():
            medians.append(float(np.median(test(wrong_ST, 0.4))) - BEFORE)
    name = f"labels until half of the judges that broke after {BEFORE} are taken back"
    return fewer(name, "a bettor without a reserve", found[waiting], found[grid])


def fewer(
    name: str, peer: str, ours: Sequence[float], theirs: Sequence[float], unit: str = "labels"
) -> Row:
    """The row of runs in which less is better."""
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    return Row(
        name,
        median(ours),
        unit,
        peer,
        median(theirs),
        median(ratios),
        len(ratios),
        min(ratios),
        max(ratios),
    )


def _points(threshold: float, agreement: float, runs: int) -> Iterator[Point]:
    quantiles: dict[str, list[np.ndarray]] = {name: [] for name in TESTS}
    for seed in range(runs):
        outcomes_ST = (np.random.default_rng(seed).random((STREAMS, LABELS)) < agreement) * 1.0
        for name, test in TESTS.items():
            reached_S = np.minimum(test(outcomes_ST, threshold), LABELS)
            quantiles[name].append(np.quantile(reached_S, [0.5, 0.9]))
    for name, values in quantiles.items():
        half, nine_tenths = np.stack(values, axis=1).tolist()
        yield Point(threshold, agreement, name, half, nine_tenths)
