"""From courses to figures: how many labels a way needs, against picking at random."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.picking.course import Course

RESAMPLES = 2000
LEVELS = (0.25, 0.5, 0.75, 1.0)
"""Of the way that random picks go, from the first judge's agreement to the last one's."""


@dataclass(frozen=True)
class Figure:
    """A value with its 95% interval: of seeds drawn anew, the same for both ways."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Needed:
    """To reach an agreement: labels of a way, against those of random picks."""

    way: str
    agreement: float
    labels: float
    reached: bool
    labels_at_random: float
    times_fewer: Figure
    """Labels at random per label of this way: above 1 the way is better. A way that does not get
    there within the course counts as if it did with its last label: it is no better than that."""


def needed(courses: Sequence[Course], way: str) -> list[Needed]:
    """For some agreements between the first judge's and the last that random picks led to."""
    labels, curves = courses[0].labels, _curves(courses)
    theirs_SL, ours_SL = curves["random"], curves[way]
    start, end = theirs_SL.mean(axis=0)[[0, -1]]
    found: list[Needed] = []
    for level in LEVELS:
        target = float(start + level * (end - start))
        found.append(
            Needed(
                way,
                target,
                _labels_to(target, labels, ours_SL),
                bool((ours_SL.mean(axis=0) >= target).any()),
                _labels_to(target, labels, theirs_SL),
                _resampled(
                    lambda draw, target=target: (
                        _labels_to(target, labels, theirs_SL[draw])
                        / _labels_to(target, labels, ours_SL[draw])
                    ),
                    len(ours_SL),
                ),
            )
        )
    return found


def gain(courses: Sequence[Course], way: str) -> dict[str, Figure]:
    """Agreement of a way less that of random picks: at the end, and the mean over the rounds."""
    curves = _curves(courses)
    difference_SL = curves[way] - curves["random"]
    return {
        "at the end": _mean(difference_SL[:, -1]),
        "mean of the rounds": _mean(difference_SL[:, 1:].mean(axis=1)),
    }


def curve(courses: Sequence[Course], way: str) -> list[Figure]:
    """Agreement of a way after each round."""
    return [_mean(values_S) for values_S in _curves(courses)[way].T]


def _curves(courses: Sequence[Course]) -> Mapping[str, np.ndarray]:
    """By way: [seeds, rounds], the same seeds in the same order for all."""
    by_way: dict[str, dict[int, list[float]]] = {}
    for course in courses:
        by_way.setdefault(course.way, {})[course.seed] = course.agreement
    seeds = sorted(set.intersection(*(set(of) for of in by_way.values())))
    return {way: np.array([of[seed] for seed in seeds]) for way, of in by_way.items()}


def _labels_to(target: float, labels: Sequence[int], curves_SL: np.ndarray) -> float:
    """Where the mean curve first reaches a target, between two fits by a straight line."""
    mean_L = curves_SL.mean(axis=0)
    above = np.flatnonzero(mean_L >= target)
    if not len(above):
        return float(labels[-1])
    last = int(above[0])
    if last == 0:
        return float(labels[0])
    part = (target - mean_L[last - 1]) / (mean_L[last] - mean_L[last - 1])
    return float(labels[last - 1] + part * (labels[last] - labels[last - 1]))


def _mean(values_S: np.ndarray) -> Figure:
    return _resampled(lambda draw: float(values_S[draw].mean()), len(values_S))


def _resampled(figure: Callable[[np.ndarray], float], seeds: int) -> Figure:
    """By seeds drawn with replacement."""
    random = np.random.default_rng(0)
    draws = [figure(random.integers(seeds, size=seeds)) for _ in range(RESAMPLES)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Figure(figure(np.arange(seeds)), float(low), float(high))
