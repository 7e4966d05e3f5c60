"""What a judge version is held to have said of a vote."""

from typing import Any

import numpy as np
import pytest

from ratchet.learner.judge_labels import ScoreScale, judge_labels
from ratchet.reward.heads import Scores
from ratchet.reward.marks import ComparedPair


class FirstFeature:
    """Heads whose score is the answer's only feature."""

    checks = ()

    def score(self, features_nF: np.ndarray) -> Scores:
        nothing = np.zeros((len(features_nF), 0))
        return Scores(features_nF[:, 0], nothing, nothing, nothing, nothing, nothing)


HEADS: Any = FirstFeature()


def pair(score_a: float, score_b: float, outcome: float, a: str = "x", b: str = "y"):
    return ComparedPair("p", np.array([score_a]), np.array([score_b]), outcome, a, b)


def votes(count: int, agreement: float, seed: int = 0) -> list[ComparedPair]:
    random = np.random.default_rng(seed)
    return [
        pair(*((0.6, 0.5) if vote == agrees else (0.5, 0.6)), float(vote))
        for vote, agrees in zip(
            random.random(count) < 0.5, random.random(count) < agreement, strict=True
        )
    ]


def test_the_judge_chooses_the_higher_score_and_the_floors_by_words() -> None:
    a, b, tie = judge_labels(
        HEADS,
        [],
        [
            pair(0.6, 0.5, 1.0, "one two three", "one"),
            pair(0.4, 0.5, 0.0, "one", "one two"),
            pair(0.5, 0.5, 1.0, "one", "one"),
        ],
        [True, False, True],
    )
    assert a.probability > 0.5 > b.probability
    assert tie.probability == 0.5
    assert dict(a.floors) == {"longer": 1.0, "shorter": 0.0}, "no TF-IDF without votes to fit it on"
    assert tie.floors["longer"] == 0.5
    assert [label.at_random for label in (a, b, tie)] == [True, False, True]
    assert [label.agreed for label in (a, b, tie)] == [1.0, 1.0, 0.5]


def test_tfidf_is_a_floor_where_there_were_votes_to_fit_it_on() -> None:
    train = [pair(0, 0, 1.0, "sorry about that", "buy more now")] * 4
    [label] = judge_labels(HEADS, train, [pair(0, 1, 1.0, "sorry then", "buy now")], [True])
    assert label.floors["tfidf"] == 1.0


@pytest.mark.parametrize("agreement", [0.6, 0.8, 0.95])
def test_what_is_said_comes_to_be_as_often_right_as_it_says(agreement: float) -> None:
    labels = judge_labels(HEADS, [], votes(400, agreement), [True] * 400)
    late = [label.confidence for label in labels[200:]]
    assert np.mean(late) == pytest.approx(agreement, abs=0.06)


def test_what_is_said_of_a_vote_does_not_depend_on_it() -> None:
    pairs = votes(50, 0.8)
    turned = [*pairs[:-1], pair(0.6, 0.5, 0.0), pair(0.6, 0.5, 1.0)]
    before = judge_labels(HEADS, [], [*pairs[:-1], pair(0.6, 0.5, 1.0)], [True] * 50)[-1]
    after = judge_labels(HEADS, [], turned[:-1], [True] * 50)[-1]
    assert after.probability == before.probability


def test_a_judge_that_is_always_wrong_is_not_turned_round() -> None:
    scale = ScoreScale()
    for _ in range(50):
        scale.add(1.0, 0.0)
    assert scale.probability(1.0) == pytest.approx(0.5, abs=0.01)
    assert scale.probability(1.0) > 0.5


def test_without_votes_there_is_nothing_to_say() -> None:
    assert judge_labels(HEADS, votes(3, 0.8), [], []) == []
