"""Proof by betting that one mean is below another."""

import numpy as np

from ratchet.autonomy.wealth import LARGEST_LOG, Tally

POINTS = 200
"""Of the means that both could have; between two of them the lower wealth counts."""


def fall_wealth(before: Tally, now: Tally) -> float:
    """Wealth against the doubt that outcomes fell: 20 proves that the mean of `now` is lower.

    If it did not fall there is a mean that those before are not above and those now are not below.
    Two bettors doubt it, one from each side, and what both have is multiplied. Nobody knows which
    mean it is, so the least of these products counts: it is at most that of the true one, of which
    the chance that it ever reaches 20 is at most 1/20, in whatever order the outcomes come.
    """
    means_M = np.arange(1, POINTS + 1) / POINTS
    not_right = Tally(counts={1 - x: count for x, count in now.counts.items()})
    # The first falls with the mean and the second rises, so between two means the worst for us is
    # the first at the upper one and the second at the lower one.
    logs_M = before.log_wealth(means_M) + not_right.log_wealth(means_M)[::-1]
    return float(np.exp(min(logs_M.min(), LARGEST_LOG)))
