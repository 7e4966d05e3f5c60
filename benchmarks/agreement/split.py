"""Which prompts prove and which teach, fixed by a hash of how they begin."""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.agreement.question import Question
from ratchet.reward.marks import is_held_out

TEST_SHARE = 0.3
FOLDS = 5


class Split(NamedTuple):
    """All questions that begin alike are on one side."""

    development: list[Question]
    """To train on; what is chosen is chosen by five folds of it (`fold`)."""
    test: list[Question]
    """Nothing is chosen by it."""


def split(questions: Sequence[Question]) -> Split:
    """By the prompt's hash: neither the order nor the other prompts matter."""
    found = Split([], [])
    for question in questions:
        found[is_held_out(question.key, TEST_SHARE)].append(question)
    return found


def shortened(parts: Split, development: int | None, test: int | None) -> Split:
    """The first questions of each part in the order of their hashes; None leaves all."""
    return Split(
        *(
            sorted(part, key=lambda question: question.key)[:most]
            for part, most in zip(parts, (development, test), strict=True)
        )
    )


def fold(key: str) -> int:
    """Of a prompt in the development part, 0 to 4: it validates what the other four taught.

    From other digits of the hash than those that tell the test part.
    """
    return int(key[8:16], 16) % FOLDS
