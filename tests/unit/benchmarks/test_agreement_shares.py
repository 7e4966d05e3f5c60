"""How sure a share of pairs is."""

import numpy as np
import pytest
from benchmarks.agreement.shares import Shares

from ratchet.reward.marks import ComparedPair

NONE = np.zeros(0)


def pairs(prompts: int, each: int) -> list[ComparedPair]:
    return [
        ComparedPair(str(i // each), NONE, NONE, float(i % 2), "", "")
        for i in range(prompts * each)
    ]


def calls(of: list[ComparedPair], right: np.ndarray) -> np.ndarray:
    return np.where(right, 1, -1) * np.array([2 * pair.outcome - 1 for pair in of])


def test_a_share_counts_pairs_called_right_and_ties_as_half() -> None:
    asked = pairs(4, 1)
    found = Shares({"judge": calls(asked, np.array([True, True, False, False]))}, asked)
    assert found.of("judge").value == 0.5
    half = Shares({"judge": np.zeros(4)}, asked).of("judge")
    assert (half.value, half.low, half.high) == (0.5, 0.5, 0.5)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    asked = pairs(60, 4)
    covered = 0
    for _ in range(200):
        # A prompt's pairs are alike: whole prompts are easy or hard.
        chance = np.repeat(random.choice([0.3, 0.9], size=60), 4)
        found = Shares({"judge": calls(asked, random.random(240) < chance)}, asked).of("judge")
        covered += found.low <= 0.6 <= found.high
    assert 180 <= covered <= 198


def test_a_difference_is_paired() -> None:
    random = np.random.default_rng(1)
    asked = pairs(300, 1)
    floor = random.random(300) < 0.6
    better = floor | (random.random(300) < 0.1)
    found = Shares({"judge": calls(asked, better), "floor": calls(asked, floor)}, asked)
    above = found.above("judge", "floor")
    assert above.value == pytest.approx(better.mean() - floor.mean())
    assert above.low > 0
    assert found.of("judge").low < found.of("floor").high  # Apart they would not tell.
