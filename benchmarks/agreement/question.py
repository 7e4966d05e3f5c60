"""A prompt with its answers, and what people said of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from ratchet.reward.marks import ComparedPair, prompt_key


class BadData(ValueError):
    """A data set that is not as it should be: names the file, and the line or entry."""

    def __init__(self, path: Path, place: str, reason: str) -> None:
        """Takes where it stands in the file, and what is wrong."""
        super().__init__(f"{path}: {place}: {reason}")


@dataclass(frozen=True)
class Vote:
    """A person's choice between two of a prompt's answers."""

    a: int
    b: int
    outcome: float
    """1: A is better, 0: B is better. Ties are left out."""


@dataclass(frozen=True)
class Question:
    """A prompt, its answers, and people's votes, marks and critiques."""

    messages: tuple[tuple[str, str], ...]
    """(role, content) of every turn."""
    answers: tuple[str, ...]
    votes: tuple[Vote, ...]
    broken: Mapping[int, frozenset[str]] = field(default_factory=dict[int, frozenset[str]])
    """Of the answers that were marked: the criteria that they break."""
    critiques: Mapping[int, str] = field(default_factory=dict[int, str])
    """Of the answers that were marked: what a person wrote of them."""

    @cached_property
    def key(self) -> str:
        """Hash of the first turn, by which data are split and resampled.

        Dialogues that begin alike are one another's continuations.
        """
        return prompt_key(self.messages[:1])

    def pairs(self, features_nF: np.ndarray) -> Iterator[ComparedPair]:
        """The votes, with the features of the answers."""
        for vote in self.votes:
            yield ComparedPair(
                self.key,
                features_nF[vote.a],
                features_nF[vote.b],
                vote.outcome,
                self.answers[vote.a],
                self.answers[vote.b],
            )


def votes_in(questions: Sequence[Question]) -> int:
    """Votes of all the questions together."""
    return sum(len(question.votes) for question in questions)
