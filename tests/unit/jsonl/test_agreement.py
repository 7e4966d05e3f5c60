"""Figures that can be checked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from ratchet.jsonl.agreement import Agreement, Compared, PartAgreement, TooFew, measure
from ratchet.jsonl.preference import Preference


def compared(prompt: int, chosen: str, rejected: str, *probabilities: float) -> Compared:
    first, second = probabilities if len(probabilities) == 2 else probabilities * 2
    turns = [{"role": "user", "content": f"question {prompt}"}]
    return Compared(Preference(turns, chosen, rejected), (first + second) / 2, first, second)


def twenty() -> list[Compared]:
    """20 pairs of 10 prompts: 11 called right, 5 wrong, 4 ties; chosen is longer in 15 of them."""
    called = [0.8] * 11 + [0.4] * 5 + [0.5] * 4
    return [
        compared(i // 2, "a b" if i < 15 else "c", "c" if i < 15 else "a b", p)
        for i, p in enumerate(called)
    ]


def test_every_figure_of_twenty_pairs() -> None:
    found = measure(twenty())
    assert (found.pairs, found.prompts, found.ties) == (20, 10, 4)
    assert found.judge.value == pytest.approx((11 + 4 / 2) / 20)
    assert found.floors["longer"].value == pytest.approx(15 / 20)
    assert found.floors["shorter"].value == pytest.approx(5 / 20)
    assert found.best_floor == "longer"
    assert found.above_best_floor.value == pytest.approx(13 / 20 - 15 / 20)
    assert found.brier == pytest.approx((11 * 0.2**2 + 5 * 0.6**2 + 4 * 0.5**2) / 20)
    assert found.position_flips == 0
    assert found.judge.low < found.judge.value < found.judge.high
    assert found.above_best_floor.low < -0.1 < found.above_best_floor.high


def test_a_judge_that_follows_the_order_flips() -> None:
    flips = [compared(i, "a b", "c", 0.9, 0.2) for i in range(5)]
    steady = [compared(i, "a b", "c", 0.9, 0.6) for i in range(5, 20)]
    found = measure(flips + steady)
    assert found.position_flips == pytest.approx(5 / 20)
    assert found.judge.value == 1, "the mean of both orders is what counts"


def test_without_words_in_common_there_is_no_tfidf() -> None:
    pairs = [compared(i, f"left{i} and{i}", f"right{i}", 0.8) for i in range(20)]
    assert set(measure(pairs).floors) == {"longer", "shorter"}


def test_words_that_are_always_chosen_are_a_floor() -> None:
    pairs = [compared(i, "sorry about that", "whatever you say", 0.8) for i in range(20)]
    found = measure(pairs)
    assert found.best_floor == "tfidf"
    assert found.floors["tfidf"].value == 1
    assert (found.above_best_floor.low, found.above_best_floor.high) == (0, 0)


def width(found: Agreement) -> float:
    return found.judge.high - found.judge.low


def test_pairs_of_one_prompt_are_one_look_and_not_many() -> None:
    random = np.random.default_rng(0)
    right = random.random(400) < 0.7
    apart = [compared(i, "a b", "c", 0.8 if right[i] else 0.2) for i in range(400)]
    together = [compared(i // 40, "a b", "c", 0.8 if right[i // 40] else 0.2) for i in range(400)]
    assert width(measure(together)) > 3 * width(measure(apart))


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (twenty()[:19], "19 compared pairs of 10 prompts are too few"),
        (twenty()[:8] * 3, "24 compared pairs of 4 prompts are too few"),
        ([], "0 compared pairs of 0 prompts"),
    ],
)
def test_few_pairs_get_no_figure(pairs: list[Compared], message: str) -> None:
    with pytest.raises(TooFew, match=message):
        measure(pairs)


def test_each_subset_has_a_share_of_its_own_unless_it_is_too_small() -> None:
    hard = [replace(pair, subset="hard") for pair in twenty()]
    easy = [replace(compared(i, "a b", "c", 0.9), subset="easy") for i in range(100, 120)]
    few = [replace(compared(i, "a b", "c", 0.9), subset="few") for i in range(200, 219)]
    found = measure([*hard, *twenty(), *easy, *few]).subsets
    assert list(found) == ["easy", "few", "hard"]
    assert found["few"] == PartAgreement(19, 19, None)
    assert found["easy"].judge is not None
    assert (found["easy"].judge.low, found["easy"].judge.high) == (1, 1)
    assert (found["hard"].pairs, found["hard"].prompts) == (20, 10)
    assert found["hard"].judge == measure(twenty()).judge


def test_pairs_of_like_length_have_a_share_of_their_own() -> None:
    """The judge is right wherever the chosen answer is longer, and wrong where length is alike."""
    words = "one two three four five six seven eight nine ten"
    longer = [compared(i, words, "one", 0.9) for i in range(20)]
    alike = [compared(100 + i, words, f"{words} more", 0.2) for i in range(20)]
    found = measure([*longer, *alike])
    assert found.judge.value == pytest.approx(0.5)
    assert (found.length_matched.pairs, found.length_matched.prompts) == (20, 20)
    assert found.length_matched.judge is not None
    assert found.length_matched.judge.value == 0
    assert measure(twenty()).length_matched == PartAgreement(0, 0, None)
