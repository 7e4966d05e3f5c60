"""Whether people agree less with the judge, the further the policy goes."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

FEWEST_VOTES = 10
"""On either side, without which nothing is said."""

ONE_SIDED_95 = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True)
class PeopleAgreement:
    """How often people choose as one judge does, on answers that it has not learned from."""

    before: float
    """On answers of policies up to the floor, 0 to 1; NaN without any."""
    votes_before: int
    now: float
    """On those of the policies after it."""
    votes_now: int

    @classmethod
    def of(cls, right_n: np.ndarray, now_n: np.ndarray) -> "PeopleAgreement":
        """Of n votes: 1, 0 or 0.5 as the judge chose, and whether they are of the policies now."""
        sides = [right_n[side_n] for side_n in (~now_n, now_n)]
        before, now = (float(side.mean()) if len(side) else math.nan for side in sides)
        return cls(before, len(sides[0]), now, len(sides[1]))

    @property
    def enough(self) -> bool:
        """Whether there are votes enough on both sides."""
        return min(self.votes_before, self.votes_now) >= FEWEST_VOTES

    @property
    def change(self) -> float:
        """Below 0 where people agree less than before."""
        return self.now - self.before

    @property
    def highest_change(self) -> float:
        """Its one-sided 95% upper bound, of two shares with a vote more on either side of each.

        A share of all or none of a few votes would otherwise be taken for certain.
        """
        shares = ((self.before, self.votes_before), (self.now, self.votes_now))
        smoothed = [((share * votes + 1) / (votes + 2), votes + 2) for share, votes in shares]
        error = math.sqrt(sum(share * (1 - share) / votes for share, votes in smoothed))
        return smoothed[1][0] - smoothed[0][0] + ONE_SIDED_95 * error

    @property
    def falls(self) -> bool:
        """Whether it is proven that people agree less than before."""
        return self.enough and self.highest_change < 0
