"""Whether people agree less with the judge, the further the policy goes."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ratchet.autonomy.fall import fall_wealth
from ratchet.autonomy.wealth import PROOF, Tally

FEWEST_VOTES = 10
"""On either side, without which nothing is said."""


@dataclass(frozen=True)
class PeopleAgreement:
    """How often people choose as one judge does, on answers that it has not learned from.

    As long as people agree as much as before, the chance that a fall is ever proven against one
    floor, by one judge, is at most 1/20, however often one looks. Each further floor or judge is
    another chance; of 20 tests in a row, each with its own votes, 3% had a false alarm at most
    where it was simulated (agreement 0.6 to 0.8, 10 to 40 votes a test). Votes on one prompt in
    several rounds count as independent of each other.
    """

    before: Tally
    """On answers of policies up to the floor."""
    now: Tally
    """On those of the policies after it."""

    @classmethod
    def of(cls, right_n: np.ndarray, now_n: np.ndarray) -> "PeopleAgreement":
        """Of n votes: 1, 0 or 0.5 as the judge chose, and whether they are of the policies now."""
        sides = (right_n[~now_n], right_n[now_n])
        return cls(*(Tally(counts=dict(Counter(side.tolist()))) for side in sides))

    @property
    def enough(self) -> bool:
        """Whether there are votes enough on both sides."""
        return min(self.before.total, self.now.total) >= FEWEST_VOTES

    @property
    def change(self) -> float:
        """Below 0 where people agree less than before."""
        return self.now.mean - self.before.mean

    @property
    def wealth(self) -> float:
        """Of those who bet that people agree less; 20 proves it."""
        return fall_wealth(self.before, self.now)

    @property
    def falls(self) -> bool:
        """Whether it is proven that people agree less than before."""
        return self.enough and self.wealth >= PROOF
