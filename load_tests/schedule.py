"""When calls are due: fixed before the first is sent, whatever the server does."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Step:
    """Some seconds of calls at one rate, or at one that changes evenly; a row of the report.

    Raises:
        ValueError: a rate or the time is not above 0, or not one call is expected.
    """

    first_rate: float
    """Calls per second when it begins."""
    last_rate: float
    seconds: float

    def __post_init__(self) -> None:
        for name in ("first_rate", "last_rate", "seconds"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name}: {value:g} is not above 0")
        if self.calls < 1:
            raise ValueError(f"seconds: no call is expected in {self.seconds:g} s")

    @property
    def calls(self) -> float:
        """How many are expected."""
        return (self.first_rate + self.last_rate) / 2 * self.seconds

    def when(self, counts: np.ndarray) -> np.ndarray:
        """Seconds from its begin at which so many calls [N] were due: counts of 0 to `calls`."""
        # The count rises as first * t + slope / 2 * t ** 2; written so that a slope of 0 divides
        # by no 0.
        slope = (self.last_rate - self.first_rate) / self.seconds
        root = np.sqrt(np.maximum(self.first_rate**2 + 2 * slope * counts, 0))
        return np.minimum(2 * counts / (self.first_rate + root), self.seconds)


Phase = tuple[Step, ...]
"""Steps without a pause between them. Before the next phase all calls of the last are over."""


@dataclass(frozen=True)
class Arrivals:
    """Calls in the order in which they are due."""

    due: np.ndarray
    """Seconds [N] from the begin of the phase."""
    step: np.ndarray
    """Which step of the phase [N] each belongs to."""
    number: np.ndarray
    """Number [N] of each call in its run, from which its content follows."""

    def share(self, worker: int, workers: int) -> "Arrivals":
        """What one of several processes sends: together they send every call once."""
        part = slice(worker, None, workers)
        return Arrivals(self.due[part], self.step[part], self.number[part])


def constant(rate: float, seconds: float) -> list[Phase]:
    """One rate."""
    return [(Step(rate, rate, seconds),)]


def steps(rates: Sequence[float], seconds: float) -> list[Phase]:
    """One rate after the other, each for so many seconds, with all calls over in between."""
    return [phase for rate in rates for phase in constant(rate, seconds)]


def ramp(first: float, last: float, seconds: float, windows: int) -> list[Phase]:
    """A rate that changes evenly and without a pause, cut into windows of the same length."""
    if windows < 1:
        raise ValueError(f"windows: {windows} is not above 0")
    rates = np.linspace(first, last, windows + 1).tolist()
    each = seconds / windows
    return [tuple(Step(rates[i], rates[i + 1], each) for i in range(windows))]


def arrivals(phase: Phase, first_number: int, seed: Sequence[int] | None) -> Arrivals:
    """All calls of a phase: evenly spaced, or (with a seed) as a Poisson process."""
    ends = np.cumsum([step.calls for step in phase])
    counts = _even(ends[-1]) if seed is None else _poisson(ends[-1], seed)
    at = np.minimum(np.searchsorted(ends, counts, side="right"), len(phase) - 1)
    due = np.empty(len(counts))
    begin, before = 0.0, 0.0
    for i, step in enumerate(phase):
        due[at == i] = begin + step.when(counts[at == i] - before)
        begin, before = begin + step.seconds, ends[i]
    return Arrivals(due, at, np.arange(first_number, first_number + len(counts)))


def _even(total: float) -> np.ndarray:
    return np.arange(round(total), dtype=float)


def _poisson(total: float, seed: Sequence[int]) -> np.ndarray:
    """Events of a process of rate 1 up to `total`; the steps stretch them to their own rates."""
    # Ten standard deviations more than are expected.
    size = int(total + 10 * math.sqrt(total) + 10)
    events = np.cumsum(np.random.default_rng(seed).exponential(size=size))
    return events[events < total]
