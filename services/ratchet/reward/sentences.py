"""The sentences of a standard, by which a judge knows what to look for in an answer."""

import itertools
from collections.abc import Callable

import numpy as np

from ratchet.v1.standard_pb2 import Standard

Sentences = tuple[tuple[int, ...], ...]
"""One a criterion, in the standard's order, as the trunk's token ids."""

FEATURES_PER_TOKEN = 2
"""How nearly an answer says it, and how much it repeats of what it means in the prompt."""


def sentences_of(standard: Standard, token_ids: Callable[[str], tuple[int, ...]]) -> Sentences:
    """The criteria's sentences, cut into tokens by `token_ids`."""
    return tuple(token_ids(criterion.sentence) for criterion in standard.criteria)


def own_features(sentences: Sentences) -> list[int]:
    """How many of an answer's features belong to each sentence. They come last, in this order."""
    return [FEATURES_PER_TOKEN * len(ids) for ids in sentences]


def length_feature(sentences: Sentences) -> int:
    """Which feature is the logarithm of an answer's tokens, counted from the last one (negative).

    It comes right before those that belong to sentences.
    """
    return -sum(own_features(sentences)) - 1


def seen_by_criteria(sentences: Sentences, features: int) -> np.ndarray:
    """Which features a criterion's head looks at, bool [C, F].

    A head sees those of its own sentence, and all that belong to none.
    """
    lengths = own_features(sentences)
    ends = features - sum(lengths) + np.cumsum([0, *lengths])
    seen_CF = np.tile(np.arange(features) < ends[0], (len(sentences), 1))
    for criterion, (start, end) in enumerate(itertools.pairwise(ends)):
        seen_CF[criterion, start:end] = True
    return seen_CF
