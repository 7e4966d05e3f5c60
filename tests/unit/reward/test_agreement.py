"""The floors that a judge must beat, and how sure a share is."""

from dataclasses import replace

import numpy as np
import pytest

from ratchet.reward.agreement import (
    called_right,
    out_of_fold_tfidf_differences,
    pair_agreement,
    resampled_means,
    tfidf_differences,
)
from ratchet.reward.marks import ComparedPair

NONE = np.zeros(0)


def pair(i: int, text_a: str, text_b: str, outcome: float = 1.0) -> ComparedPair:
    return ComparedPair(str(i), NONE, NONE, outcome, text_a, text_b)


KIND = [pair(i, f"sorry about item{i % 7}", f"whatever about item{i % 5}") for i in range(40)]


def turned(pairs: list[ComparedPair]) -> list[ComparedPair]:
    return [
        replace(p, text_a=p.text_b, text_b=p.text_a, outcome=1 - p.outcome) if i % 3 else p
        for i, p in enumerate(pairs)
    ]


def test_tfidf_learns_words_also_where_a_is_always_the_better() -> None:
    unseen = [pair(0, "sorry", "whatever"), pair(0, "whatever", "sorry"), pair(0, "new", "words")]
    found = tfidf_differences(KIND, unseen)
    assert found[0] > 0.5
    assert found[1] == pytest.approx(-found[0])
    assert found[2] == 0


def test_which_answer_is_called_a_does_not_matter_to_tfidf() -> None:
    unseen = [pair(0, "sorry item1", "whatever item2")]
    there, back = tfidf_differences(KIND, unseen), tfidf_differences(turned(KIND), unseen)
    np.testing.assert_allclose(there, back, rtol=1e-3)


def test_a_tie_pulls_neither_way() -> None:
    ties = [replace(p, outcome=0.5) for p in KIND]
    assert tfidf_differences(ties, KIND[:1])[0] == pytest.approx(0, abs=1e-6)
    assert abs(tfidf_differences(KIND + ties, KIND[:1])[0]) < tfidf_differences(KIND, KIND[:1])[0]


def test_a_prompts_other_pairs_never_help_to_call_it() -> None:
    # Each prompt's two pairs share words that stand nowhere else: learned from one, they would
    # call the other right.
    by_heart = [pair(i // 2, f"good{i // 2}", f"bad{i // 2}") for i in range(40) for _ in range(2)]
    assert not out_of_fold_tfidf_differences(by_heart).any()
    assert pair_agreement(out_of_fold_tfidf_differences(KIND), np.ones(40)) == 1


def test_no_word_in_common_is_said() -> None:
    with pytest.raises(ValueError, match=r"vocabulary|terms"):
        tfidf_differences([pair(0, "one", "two")], KIND)


def test_a_pair_is_called_right_wrong_or_half() -> None:
    found = called_right(np.array([2.0, -2, 0, 2, -2]), np.array([1.0, 1, 1, 0, 0]))
    assert found.tolist() == [1, 0, 0.5, 0, 1]


def test_copies_of_a_prompts_pairs_make_nothing_surer() -> None:
    values = (np.arange(50)[:, None] % 3 == 0).astype(float)
    once = resampled_means(values, [str(i) for i in range(50)], seed=0)
    often = resampled_means(
        np.repeat(values, 20, axis=0), [str(i // 20) for i in range(1000)], seed=0
    )
    assert often.std() == pytest.approx(once.std(), rel=0.1)
    as_if_apart = resampled_means(
        np.repeat(values, 20, axis=0), [str(i) for i in range(1000)], seed=0
    )
    assert as_if_apart.std() < 0.5 * once.std()


def test_prompts_of_many_pairs_and_of_one_keep_means_within_the_values() -> None:
    keys = [str(i * i // 100) for i in range(60)]
    assert resampled_means(np.ones((60, 1)), keys, seed=0) == pytest.approx(1)


def test_differences_of_columns_are_paired() -> None:
    values = np.random.default_rng(0).random((60, 1))
    both = resampled_means(np.hstack([values, values + 0.1]), [str(i) for i in range(60)], seed=0)
    np.testing.assert_allclose(both[:, 1] - both[:, 0], 0.1)
