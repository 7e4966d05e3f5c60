"""Whether a judge is right as often as it says it is."""

import numpy as np
from pydantic import BaseModel, NonNegativeInt

BINS = 5
"""Of equal width, over the probability that the judge gives to its own choice: 0.5 to 1."""


class Calibration(BaseModel):
    """Expected calibration error, binned (Naeini et al. 2015).

    With few labels chance alone makes it large: of a perfectly calibrated judge about 0.14 at 25
    labels, 0.07 at 100 and 0.04 at 250. So it errs to the side of "not calibrated".
    """

    counts: list[NonNegativeInt] = [0] * BINS
    confidence: list[float] = [0.0] * BINS
    """Per bin the sum of the probabilities of the judge's choices."""
    agreed: list[float] = [0.0] * BINS
    """Per bin the sum of the outcomes: 1 where people agreed, 0.5 where either was undecided."""

    def add(self, probability: float, outcome: float) -> None:
        """Take in a choice: its `probability`, 0.5 to 1, and whether people agreed."""
        place = min(int((probability - 0.5) * 2 * BINS), BINS - 1)
        self.counts[place] += 1
        self.confidence[place] += probability
        self.agreed[place] += outcome

    @property
    def error(self) -> float:
        """Mean distance between what was said and what came, bins weighed by their labels.

        1, the worst, before the first label.
        """
        total = sum(self.counts)
        if not total:
            return 1.0
        return float(np.abs(np.array(self.confidence) - np.array(self.agreed)).sum() / total)
