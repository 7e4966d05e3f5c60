"""Who calls pairs: the judge's preference heads, and the floors."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from ratchet.reward.agreement import length_differences, tfidf_differences
from ratchet.reward.fit import fit_preference
from ratchet.reward.marks import ComparedPair

Pairs: TypeAlias = Sequence[ComparedPair]
Caller: TypeAlias = Callable[[Pairs, Pairs], np.ndarray]
"""Learns from pairs, and gives of others the score of A less that of B: log-odds, or a length."""

PENALTIES = (0.3, 1.0, 3.0, 10.0)
"""Of the judge, as multiples of the number of features (`reward.fit.PENALTY` is 1)."""
INVERSE_PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Of TF-IDF; the floor in the gate has 1."""


def longer(train: Pairs, asked: Pairs) -> np.ndarray:
    """The longer answer, in words. Learns nothing."""
    return length_differences(asked)


def shorter(train: Pairs, asked: Pairs) -> np.ndarray:
    """The shorter answer."""
    return -length_differences(asked)


def tfidf(inverse_penalty: float) -> Caller:
    """Bradley-Terry on words and pairs of words."""
    return lambda train, asked: tfidf_differences(train, asked, inverse_penalty)


def judge(penalty: float, told: int = 0) -> Caller:
    """Bradley-Terry on the trunk's features, as the learner fits it to votes.

    The last `told` features are of a standard's sentences, which a vote knows nothing of.
    """

    def call(train: Pairs, asked: Pairs) -> np.ndarray:
        scale_F = np.concatenate([_features(train, 0), _features(train, 1)]).std(axis=0) + 1e-3
        seen_F = np.arange(len(scale_F)) < len(scale_F) - told
        head, *_ = fit_preference(train, scale_F, seen_F, penalty * seen_F.sum(), seed=0)
        return (_features(asked, 0) - _features(asked, 1)) / scale_F @ head[:-1]

    return call


def _features(pairs: Pairs, side: int) -> np.ndarray:
    rows = [(pair.features_a, pair.features_b)[side] for pair in pairs]
    return np.stack(rows).astype(np.float64)
