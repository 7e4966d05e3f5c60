"""Tests that were made for one look, at outcomes 0 and 1: as they are, and with looks paid for."""

import numpy as np
from scipy.stats import binom

from benchmarks.gate.bettors import NEVER

LEVEL = 0.05
LOOK_EVERY = 25
"""Labels between two looks of those who pay for each (Bonferroni): fewer looks are cheaper."""


def peeking_binomial(outcomes_ST: np.ndarray, mean: float) -> np.ndarray:
    """The exact binomial test at 5%, looked at after every label, as if it were the only look."""
    return _first_look(outcomes_ST, _enough(outcomes_ST.shape[1], mean, LEVEL))


def clopper_pearson(outcomes_ST: np.ndarray, mean: float) -> np.ndarray:
    """The exact bound is above `mean`, at 5% over all looks."""
    labels = outcomes_ST.shape[1]
    return _first_look(outcomes_ST, _at_looks(_enough(labels, mean, _paid(labels))))


def hoeffding(outcomes_ST: np.ndarray, mean: float) -> np.ndarray:
    """Hoeffding's bound is above `mean`, at 5% over all looks."""
    labels = outcomes_ST.shape[1]
    n_T = np.arange(1, labels + 1)
    enough_T = n_T * mean + np.sqrt(n_T * np.log(1 / _paid(labels)) / 2)
    return _first_look(outcomes_ST, _at_looks(enough_T))


def _paid(labels: int) -> float:
    return LEVEL / (labels // LOOK_EVERY)


def _enough(labels: int, mean: float, level: float) -> np.ndarray:
    """After each label, how many agreements are more than chance at `level` gives at `mean`."""
    return binom.isf(level, np.arange(1, labels + 1), mean)


def _at_looks(enough_T: np.ndarray) -> np.ndarray:
    n_T = np.arange(1, len(enough_T) + 1)
    return np.where(n_T % LOOK_EVERY == 0, enough_T, np.inf)


def _first_look(outcomes_ST: np.ndarray, enough_T: np.ndarray) -> np.ndarray:
    over_ST = outcomes_ST.cumsum(axis=1) > enough_T
    return np.where(over_ST.any(axis=1), over_ST.argmax(axis=1) + 1, NEVER)
