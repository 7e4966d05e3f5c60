"""Proof by betting: it holds however often one looks.

Outcomes between 0 and 1 come one by one, and a bettor doubts that their mean is at most `mean`.
With wealth 1 at the start, each outcome x multiplies it by `1 + bet * (x - mean)`: the capital
process of Waudby-Smith and Ramdas (2021, arXiv 2010.09686). If no outcome is expected above `mean`,
given those before it, and every bet depends on earlier outcomes alone, wealth is not expected to
grow, and the chance that it ever reaches 20 is at most 1/20 (Ville's inequality).

The bettor splits his wealth evenly over a grid of constant bets and never moves it between them
(their grid Kelly, in the section on diversified Kelly betting). As one bettor he bets the grid's
mean, weighed by what each bet has earned so far, so he too knows earlier outcomes alone. He was
taken before aGRAPA and ONS since there is nothing to tune, since he ends with at least a 19th of
what the best of the 19 bets would have earned, and for two things that they lack:

- A bet of `stake / mean` multiplies by `1 - stake + stake * x / mean`, which falls with `mean`
  whatever x is. So the means that are disproved are all those below one bound, and "wealth has
  reached 20" and "the bound is above the threshold" are the same event.
- His wealth depends on how often each outcome came, not on their order: a few counts are his state,
  whatever threshold is asked about.
"""

import numpy as np
from pydantic import BaseModel, NonNegativeInt

PROOF = 20.0
"""Wealth at which a hypothesis is taken to be disproved: 1 / 5%."""

STAKES = np.arange(1, 20) / 20
"""Parts of the wealth that are staked. For outcomes 0 and 1 the stake s is the best one where their
true mean is `mean + s * (1 - mean)`, so an even grid of stakes is one of alternatives."""

POINTS, ROUNDS = 18, 5
"""Of the search for a bound: it is found to a millionth."""

LARGEST_LOG = 700.0
"""Of a wealth that a float still holds."""


def growth(outcomes: np.ndarray, mean: float | np.ndarray) -> np.ndarray:
    """What each stake is multiplied by at each outcome: [..., D], above 0; `mean` is above 0."""
    return 1 - STAKES + STAKES * (outcomes / mean)[..., None]


class Tally(BaseModel):
    """Outcomes so far, and the mean that they prove."""

    counts: dict[float, NonNegativeInt] = {}
    """How often each outcome came."""
    bound: float = 0.0
    """Lower 95% bound of the mean, valid at all times together: the highest so far."""

    @property
    def total(self) -> int:
        """Number of outcomes."""
        return sum(self.counts.values())

    @property
    def mean(self) -> float:
        """0, the worst, before the first outcome."""
        return sum(x * count for x, count in self.counts.items()) / max(self.total, 1)

    def add(self, outcome: float) -> None:
        """Take in the next outcome.

        Raises:
            ValueError: it is not between 0 and 1.
        """
        if not 0 <= outcome <= 1:
            raise ValueError(f"outcome {outcome} is not between 0 and 1")
        self.counts = {**self.counts, outcome: self.counts.get(outcome, 0) + 1}
        # One below the bound is a loss to whoever doubts a mean above it.
        if outcome > self.bound:
            self._raise_bound()

    def wealth(self, mean: float) -> float:
        """Of the bettor who doubts that the mean is at most `mean`, above 0 and at most 1."""
        return float(np.exp(min(self.log_wealth(np.array(mean)), LARGEST_LOG)))

    def log_wealth(self, means: np.ndarray) -> np.ndarray:
        """Its logarithm, of each mean [...]."""
        logs = self._log_capitals(means)
        highest = logs.max(axis=-1)
        return highest + np.log(np.exp(logs - highest[..., None]).mean(axis=-1))

    def bet(self, mean: float) -> float:
        """What he bets on the next outcome: it multiplies his wealth by `1 + bet * (x - mean)`."""
        logs_D = self._log_capitals(np.array(mean))
        return float(np.average(STAKES / mean, weights=np.exp(logs_D - logs_D.max())))

    def _raise_bound(self) -> None:
        """The highest mean at which wealth is 20; nobody gets rich above the outcomes' own mean."""
        low, high, proof = self.bound, self.mean, np.log(PROOF)
        if self.log_wealth(np.array(low or high / 100)) < proof:
            return
        for _ in range(ROUNDS):
            means_M = np.linspace(low, high, POINTS)[1:-1]
            proven = int((self.log_wealth(means_M) >= proof).sum())
            low, high = [low, *means_M, high][proven : proven + 2]
        self.bound = float(low)

    def _log_capitals(self, means: np.ndarray) -> np.ndarray:
        """What each bet has become [..., D]."""
        counts_V = np.array(list(self.counts.values()), dtype=float)
        outcomes_V = np.array(list(self.counts)).reshape(-1, *[1] * means.ndim)
        return np.tensordot(counts_V, np.log(growth(outcomes_V, means)), axes=1)
