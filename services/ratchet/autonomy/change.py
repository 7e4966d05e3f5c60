"""Proof by betting that a mean is no longer what it was."""

import numpy as np
from pydantic import BaseModel, NonNegativeInt

from ratchet.autonomy.wealth import STAKES, growth


class ChangeWealth(BaseModel):
    """Wealth of a bettor who expects the mean of outcomes to be above `mean` from some time on.

    The bettor of `wealth.py` would have lost nearly all in the long time before the change, and it
    would take him as long to win it back. This one keeps a reserve: of the wealth 1 that he starts
    with, `1 / sqrt(t + 1)` is left after the t-th outcome, and the rest was staked step by step, in
    even parts over the same bets. So what he bet before a change is lost, and what he bets after it
    grows as fast as anyone's.

    As long as no outcome is expected above `mean`, given those before it, the chance that his
    wealth ever reaches 20 is at most 1/20, over all time. An e-detector (Shin, Ramdas and Rinaldo,
    arXiv 2203.03532) adds 1 in place of those parts: it is faster late in a stream, and bounds the
    time between false alarms alone.
    """

    mean: float
    outcomes: NonNegativeInt = 0
    capitals: list[float] = [0.0] * len(STAKES)

    @property
    def wealth(self) -> float:
        """The reserve and what is staked; above 0."""
        return self._reserve + sum(self.capitals) / len(self.capitals)

    def add(self, outcome: float) -> None:
        """Take in the next outcome.

        Raises:
            ValueError: it is not between 0 and 1.
        """
        if not 0 <= outcome <= 1:
            raise ValueError(f"outcome {outcome} is not between 0 and 1")
        before = self._reserve
        self.outcomes += 1
        staked_D = np.array(self.capitals) + before - self._reserve
        self.capitals = (staked_D * growth(np.array(outcome), self.mean)).tolist()

    @property
    def _reserve(self) -> float:
        return (self.outcomes + 1) ** -0.5
