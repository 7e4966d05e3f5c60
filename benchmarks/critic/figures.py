"""How well a form of critique tells what is broken, with intervals over prompts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ratchet.demo.erring_reader import TIE_MARGIN
from ratchet.demo.shop_standard import SENTENCES
from ratchet.reward.agreement import auc, pair_agreement

DRAWS = 1000
WEIGHTS_C = np.array([weight for weight, _ in SENTENCES.values()])

Statistic = Callable[[np.ndarray], float]
"""Of some prompts, by their indices."""


@dataclass(frozen=True)
class Figure:
    """A figure with its 95% interval, by bootstrap over the test prompts."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """As in a table."""
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def mean_auc(said_NC: np.ndarray, broken_NC: np.ndarray) -> Statistic:
    """Mean over the criteria that some answers break and some do not; two answers a prompt."""

    def statistic(prompts_n: np.ndarray) -> float:
        rows = np.stack([2 * prompts_n, 2 * prompts_n + 1], axis=1).ravel()
        return float(np.nanmean(aucs(said_NC[rows], broken_NC[rows])))

    return statistic


def aucs(said_NC: np.ndarray, broken_NC: np.ndarray) -> list[float]:
    """Of each criterion; NaN where all answers break it or none does; unknown ones count .5."""
    known_NC = np.nan_to_num(said_NC, nan=0.5)
    return [auc(s_N, b_N) for s_N, b_N in zip(known_NC.T, broken_NC.T, strict=True)]


def agreement(score_N: np.ndarray, gold_N: np.ndarray) -> Statistic:
    """How often the better of a prompt's two answers by the score is the better by gold."""

    def statistic(prompts_n: np.ndarray) -> float:
        said_n, gold_n = ((values[0::2] - values[1::2])[prompts_n] for values in (score_N, gold_N))
        decided_n = np.abs(gold_n) >= TIE_MARGIN
        outcome_n = np.where(decided_n, (gold_n > 0).astype(float), 0.5)
        return pair_agreement(said_n, outcome_n)

    return statistic


def by_criteria(broken_NC: np.ndarray) -> np.ndarray:
    """The score of answers that are judged criterion by criterion, [N]."""
    return -np.nan_to_num(broken_NC, nan=0.5) @ WEIGHTS_C


def figures(
    statistics: Mapping[str, Statistic], prompts: int, beside: str, seed: int = 0
) -> tuple[dict[str, Figure], dict[str, Figure]]:
    """Of every form its figure, and its difference from one of them, over the same draws."""
    random = np.random.default_rng(seed)
    draws = [random.integers(prompts, size=prompts) for _ in range(DRAWS)]
    values = {
        name: np.array([statistic(each) for each in (np.arange(prompts), *draws)])
        for name, statistic in statistics.items()
    }
    differences = {n: v - values[beside] for n, v in values.items() if n != beside}
    return (
        {n: _figure(v) for n, v in values.items()},
        {n: _figure(v) for n, v in differences.items()},
    )


def _figure(values: np.ndarray) -> Figure:
    low, high = np.nanquantile(values[1:], [0.025, 0.975])
    return Figure(float(values[0]), float(low), float(high))
