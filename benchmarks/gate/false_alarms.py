"""How often the gate errs about a judge that is exactly at the threshold."""

from collections.abc import Iterator

import numpy as np

from benchmarks.gate.bettors import Test, grid, waiting
from benchmarks.gate.fixed_tests import peeking_binomial
from benchmarks.gate.power import fewer
from benchmarks.row import Row

STREAMS, LABELS, THRESHOLD = 10_000, 1000, 0.6


def false_alarm_rows(runs: int) -> Iterator[Row]:
    """Promotions and demotions for nothing, with a look after each of 1000 labels."""
    for name, test, right in (("promotions", grid, THRESHOLD), ("demotions", waiting, 0.4)):
        yield fewer(
            f"false {name} of a judge at the threshold, {LABELS} looks",
            "binomial test that peeks",
            [false_shares(test, right, seed)[-1] for seed in range(runs)],
            [false_shares(peeking_binomial, right, seed)[-1] for seed in range(runs)],
            "%",
        )


def false_shares(test: Test, mean: float, seed: int) -> np.ndarray:
    """Per cent of the streams that were rejected up to each label, where none should be."""
    outcomes_ST = (np.random.default_rng(seed).random((STREAMS, LABELS)) < mean) * 1.0
    reached_S = test(outcomes_ST, mean)
    return 100 * np.array([(reached_S <= label).mean() for label in range(1, LABELS + 1)])
