"""Sequential tests of "the mean is at most `mean`", for many streams at once.

Each takes outcomes [S, T], 0 to 1, and returns for every stream after how many of them it rejects;
`NEVER` where it does not.
"""

from collections.abc import Callable, Iterator

import numpy as np

from ratchet.autonomy.wealth import PROOF, STAKES, growth

NEVER = np.iinfo(np.int64).max
FEWEST_LEFT = 0.5
"""aGRAPA and ONS bet at most this part of what a bet may be, as in the paper's simulations."""

Test = Callable[[np.ndarray, float], np.ndarray]


def grid(outcomes_ST: np.ndarray, mean: float) -> np.ndarray:
    """The gate's: `ratchet.autonomy.wealth`, one label after the other."""
    return _reached(_grid_wealths(outcomes_ST, mean), outcomes_ST.shape)


def waiting(outcomes_ST: np.ndarray, mean: float) -> np.ndarray:
    """The gate's audit: `ratchet.autonomy.change`."""
    return _reached(waiting_wealths(outcomes_ST, mean), outcomes_ST.shape)


def agrapa(outcomes_ST: np.ndarray, mean: float) -> np.ndarray:
    """Approximate GRAPA: the mean's distance over its own mean square, from outcomes so far."""

    def wealths() -> Iterator[np.ndarray]:
        streams = len(outcomes_ST)
        wealth, total, squares = np.ones(streams), np.full(streams, 0.5), np.full(streams, 0.25)
        for t, x_S in enumerate(outcomes_ST.T, start=1):
            average, variance = total / t, squares / t
            best = (average - mean) / (variance + (average - mean) ** 2)
            wealth = wealth * (1 + np.clip(best, 0, FEWEST_LEFT / mean) * (x_S - mean))
            total = total + x_S
            squares = squares + (x_S - total / (t + 1)) ** 2
            yield wealth

    return _reached(wealths(), outcomes_ST.shape)


def online_newton(outcomes_ST: np.ndarray, mean: float) -> np.ndarray:
    """Online Newton Step on the logarithm of wealth."""

    def wealths() -> Iterator[np.ndarray]:
        streams = len(outcomes_ST)
        wealth, bet, squares = np.ones(streams), np.zeros(streams), np.ones(streams)
        for x_S in outcomes_ST.T:
            factor = 1 + bet * (x_S - mean)
            wealth = wealth * factor
            slope = (x_S - mean) / factor
            squares = squares + slope**2
            step = 2 / (2 - np.log(3)) * slope / squares
            bet = np.clip(bet + step, 0, FEWEST_LEFT / mean)
            yield wealth

    return _reached(wealths(), outcomes_ST.shape)


def _grid_wealths(outcomes_ST: np.ndarray, mean: float) -> Iterator[np.ndarray]:
    capitals_SD = np.ones((len(outcomes_ST), len(STAKES)))
    for x_S in outcomes_ST.T:
        capitals_SD *= growth(x_S, mean)
        yield capitals_SD.mean(axis=1)


def waiting_wealths(outcomes_ST: np.ndarray, mean: float) -> Iterator[np.ndarray]:
    """The wealth of each stream after each outcome."""
    capitals_SD, reserve = np.zeros((len(outcomes_ST), len(STAKES))), 1.0
    for t, x_S in enumerate(outcomes_ST.T, start=1):
        before, reserve = reserve, (t + 1) ** -0.5
        capitals_SD = (capitals_SD + before - reserve) * growth(x_S, mean)
        yield reserve + capitals_SD.mean(axis=1)


def _reached(wealths: Iterator[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    found_S = np.full(shape[0], NEVER)
    # A wealth beyond what a float holds is above 20 all the same.
    with np.errstate(over="ignore"):
        for t, wealth_S in enumerate(wealths, start=1):
            found_S = np.minimum(found_S, np.where(wealth_S >= PROOF, t, NEVER))
            if (found_S != NEVER).all():
                break
    return found_S
