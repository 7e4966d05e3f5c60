"""How agreement grows with the pairs that are learned from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.agreement.callers import Caller, Pairs
from benchmarks.agreement.shares import Shares
from ratchet.jsonl.agreement import Estimate

SIZES = (125, 250, 500, 1000, 2000, 4000)
DRAWS = 3
"""Subsets of each size, of which the mean is shown."""


@dataclass(frozen=True)
class Point:
    """One caller after so many pairs."""

    caller: str
    pairs: int
    share: Estimate


def curve(callers: Mapping[str, Caller], train: Pairs, asked: Pairs) -> Iterator[Point]:
    """Points of every size that there are pairs for, and of all of them.

    The interval is that of the prompts asked; what the draws differ by is in the mean.
    """
    for size in (*(size for size in SIZES if size < len(train)), len(train)):
        draws = [_subset(train, size, seed) for seed in range(DRAWS if size < len(train) else 1)]
        for name, caller in callers.items():
            called = {str(seed): caller(draw, asked) for seed, draw in enumerate(draws)}
            yield Point(name, size, Shares(called, asked).mean())


def _subset(pairs: Pairs, size: int, seed: int) -> Pairs:
    """All pairs of some prompts, until there are so many."""
    keys = sorted({pair.prompt_key for pair in pairs})
    place = {key: i for i, key in enumerate(np.random.default_rng(seed).permutation(keys))}
    return sorted(pairs, key=lambda pair: place[pair.prompt_key])[:size]
