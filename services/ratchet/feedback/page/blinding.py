"""Which answer a labeler sees first: chance decides, and always in the same way."""

import hashlib
from collections.abc import Sequence
from typing import Literal, TypeVar

from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, VOTE_BOTH_BAD, VOTE_TIE, Vote

T = TypeVar("T")
PageVote = Literal["first", "second", "tie", "both_bad"]


class Blinding:
    """The order of one pair for one labeler, by hash: no version and no score decides it."""

    def __init__(self, pair_id: str, labeler: str) -> None:
        digest = hashlib.sha256(f"{pair_id}\n{labeler}".encode()).digest()
        self._swapped = digest[0] % 2 == 1

    def ordered(self, a: T, b: T) -> tuple[T, T]:
        """As the page shows them; what was shown goes back to (a, b) by the same call."""
        return (b, a) if self._swapped else (a, b)

    def vote(self, vote: PageVote) -> Vote:
        """The vote on the page, as one on A and B."""
        sides: Sequence[Vote] = self.ordered(VOTE_A, VOTE_B)
        return {
            "first": sides[0],
            "second": sides[1],
            "tie": VOTE_TIE,
            "both_bad": VOTE_BOTH_BAD,
        }[vote]
