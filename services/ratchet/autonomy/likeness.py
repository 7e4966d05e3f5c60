"""Whether answers to different prompts grow alike: a canned reply that passes every check.

A judge reads an answer at a time and cannot see it; nor can a person who compares two answers.
"""

import itertools
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

WORDS = 3
"""Of the sequences that two answers may have in common."""

MOST_PROMPTS = 32
"""Compared with each other; more would cost time and say little more."""

MOST_ANSWERS = 4
"""To a prompt that are compared with those to others."""


FEWEST_WORDS, FEWEST_CHARACTERS = 4, 20
"""Of an answer that is compared; shorter in both, it may be right for many prompts, as "yes" is.
Characters count where a script has no spaces between words."""


class Likeness(NamedTuple):
    """How alike the answers to different prompts are."""

    distinct: float
    """Share of the answers that were given to no other prompt, but for white space and case."""
    overlap: float
    """Of two answers to different prompts: the share of their word trigrams that both have."""


UNLIKE = Likeness(1.0, 0.0)
"""Where nothing is known."""


def likeness(answers: Sequence[tuple[str, Sequence[str]]]) -> Likeness | None:
    """Of prompts, each with its answers; None where not two different ones have long answers.

    A prompt may come more than once: answers to it are never held against each other.
    """
    by_prompt: dict[str, list[str]] = {}
    for prompt, texts in answers:
        if prompt in by_prompt or len(by_prompt) < MOST_PROMPTS:
            plain = (" ".join(text.lower().split()) for text in texts)
            by_prompt.setdefault(prompt, []).extend(text for text in plain if not _is_short(text))
    compared = {prompt: texts[:MOST_ANSWERS] for prompt, texts in by_prompt.items() if texts}
    if len(compared) < 2:
        return None
    prompts_of: dict[str, set[str]] = {}
    for prompt, texts in compared.items():
        for text in texts:
            prompts_of.setdefault(text, set()).add(prompt)
    alone = [len(prompts_of[text]) == 1 for texts in compared.values() for text in texts]
    sequences = [[_sequences(text) for text in texts] for texts in compared.values()]
    overlaps = [
        _overlap(a, b)
        for these, those in itertools.combinations(sequences, 2)
        for a, b in itertools.product(these, those)
    ]
    return Likeness(fmean(alone), fmean(overlaps))


def _is_short(text: str) -> bool:
    return len(text.split()) < FEWEST_WORDS and len(text) < FEWEST_CHARACTERS


def _sequences(text: str) -> frozenset[tuple[str, ...]]:
    """All of three words; of a shorter text the whole."""
    words = text.split()
    if len(words) <= WORDS:
        return frozenset([tuple(words)])
    return frozenset(tuple(words[i : i + WORDS]) for i in range(len(words) - WORDS + 1))


def _overlap(a: frozenset[tuple[str, ...]], b: frozenset[tuple[str, ...]]) -> float:
    return len(a & b) / len(a | b)
