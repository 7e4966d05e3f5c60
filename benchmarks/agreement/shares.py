"""Shares of pairs that are called right, and differences of two, with 95% intervals."""

from collections.abc import Mapping, Sequence

import numpy as np

from ratchet.jsonl.agreement import Estimate
from ratchet.reward.agreement import called_right, resampled_means
from ratchet.reward.marks import ComparedPair


class Shares:
    """Of several callers of the same pairs.

    Intervals are by bootstrap over prompts: pairs of one prompt are drawn together. All callers
    are drawn alike, so that differences between them are paired.
    """

    def __init__(
        self, differences: Mapping[str, np.ndarray], pairs: Sequence[ComparedPair], seed: int = 0
    ) -> None:
        """Takes each caller's score of A less that of B, for every pair."""
        outcomes_n = np.array([pair.outcome for pair in pairs])
        right_nJ = np.stack([called_right(d, outcomes_n) for d in differences.values()], axis=1)
        self.names = list(differences)
        self._means_J = right_nJ.mean(axis=0)
        self._means_RJ = resampled_means(right_nJ, [pair.prompt_key for pair in pairs], seed)

    def of(self, name: str) -> Estimate:
        """The share of pairs that the caller calls right."""
        j = self.names.index(name)
        return _estimate(self._means_J[j], self._means_RJ[:, j])

    def above(self, name: str, other: str) -> Estimate:
        """The same less that of another."""
        j, k = self.names.index(name), self.names.index(other)
        return _estimate(
            self._means_J[j] - self._means_J[k], self._means_RJ[:, j] - self._means_RJ[:, k]
        )

    def mean(self) -> Estimate:
        """The mean of all callers' shares."""
        return _estimate(self._means_J.mean(), self._means_RJ.mean(axis=1))


def _estimate(value: float, resampled_R: np.ndarray) -> Estimate:
    low, high = np.quantile(resampled_R, [0.025, 0.975])
    return Estimate(float(value), float(low), float(high))
