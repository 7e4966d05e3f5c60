"""People's guidance, as the judge learns from it."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ratchet.process.packed import pack_u32

HELD_OUT_SHARE = 0.25
FEWEST_REPEATED_MARKS = 20


@dataclass(frozen=True)
class MarkedAnswer:
    """One labeler's reading of one answer: the criteria that it breaks."""

    answer_id: str
    prompt_key: str
    labeler: str
    features: np.ndarray
    """float32 [F]"""
    broken: frozenset[str]
    tokens: int
    weight: float = 1.0
    """How much it counts beside the others in a fit."""


@dataclass(frozen=True)
class ComparedPair:
    """One vote between two answers to one prompt."""

    prompt_key: str
    features_a: np.ndarray
    features_b: np.ndarray
    outcome: float
    """1: A is better, 0: B is better, 0.5: a tie, or both are bad."""
    text_a: str
    text_b: str
    labeler: str = ""
    weight: float = 1.0
    """As a mark's."""


def answer_id(prompt_ids: Sequence[int], completion_ids: Sequence[int]) -> str:
    """Hash of an answer with its prompt, both as tokens."""
    digest = hashlib.sha256(pack_u32(prompt_ids))
    digest.update(b"|")
    digest.update(pack_u32(completion_ids))
    return digest.hexdigest()


def prompt_key(messages: Sequence[tuple[str, str]]) -> str:
    """Hash of a prompt's (role, content) pairs: equal prompts fall on one side of the hold-out."""
    text = "\x1e".join(f"{role}\x1f{content}" for role, content in messages)
    return hashlib.sha256(text.encode()).hexdigest()


def is_held_out(key: str, share: float = HELD_OUT_SHARE) -> bool:
    """Whether marks on this prompt prove judges, and so never train one."""
    return int(key[:8], 16) < share * 2**32


def detection_rate(marked: Sequence[MarkedAnswer]) -> float:
    """Chance that a labeler notices a broken criterion, from answers marked by two labelers.

    Of independent readers with rate d, a share d of the criteria that one marks is marked by the
    other too. Estimated over all criteria together; 1 where fewer than 20 repeated marks are known,
    which leaves the marks as they are.
    """
    readings: defaultdict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for mark in marked:
        readings[mark.answer_id][mark.labeler] = mark.broken
    single = both = 0
    for by_labeler in readings.values():
        first, *others = by_labeler.values()
        for other in others:
            single += len(first) + len(other)
            both += 2 * len(first & other)
    return both / single if both and single >= FEWEST_REPEATED_MARKS else 1.0
