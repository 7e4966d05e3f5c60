from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.feedback.judged import group, texts_of

from ratchet.feedback.pairs import Shares, pairs_of
from ratchet.v1.judgement_pb2 import ItemError, JudgedGroup, Judgement
from ratchet.v1.prompt_pb2 import PURPOSE_GATE, PURPOSE_LABEL, PURPOSE_TRAIN, PURPOSE_UNSPECIFIED

WEIGHTS = {"short": 2.0}
NONE, ALL_RANDOM, ALL_TAIL = Shares(0, 0), Shares(1, 0), Shares(0, 1)


def test_the_pair_on_which_the_copies_disagree_most_comes_first() -> None:
    # The copies agree that "a" beats "b" by 0.4; they cannot tell whether "c" beats "d".
    copies = [[0.1, 0.1], [0.5, 0.5], [0.1, 0.9], [0.9, 0.1]]
    judged = group("g", ["a", "b", "c", "d"], judge_version=3, copies=copies)
    first, second = pairs_of(judged, WEIGHTS, NONE)
    assert texts_of(first.comparison) == {"c", "d"}
    assert texts_of(second.comparison) == {"a", "b"}
    assert first.comparison.picked_because == "disagreement"
    assert first.worth == pytest.approx(1.6)
    assert second.worth == pytest.approx(0)


def test_before_any_judge_pairs_are_first_ones() -> None:
    (pair,) = pairs_of(group("g", ["a", "b"]), WEIGHTS, ALL_RANDOM)
    assert pair.comparison.picked_because == "first"


def test_groups_set_aside_for_random_pairs_ignore_the_judge() -> None:
    copies = [[0.1, 0.1], [0.5, 0.5], [0.1, 0.9], [0.9, 0.1]]
    judged = group("g", ["a", "b", "c", "d"], judge_version=3, copies=copies)
    pairs = pairs_of(judged, WEIGHTS, ALL_RANDOM)
    assert [texts_of(pair.comparison) for pair in pairs] == [{"a", "b"}, {"c", "d"}]
    assert {pair.comparison.picked_because for pair in pairs} == {"random"}


def test_in_the_tail_the_highest_scored_are_compared() -> None:
    judged = group("g", ["a", "b", "c", "d"], judge_version=3)
    for judgement, score in zip(judged.judgements, [0.4, 0.9, 0.1, 0.8], strict=True):
        judgement.score = score
    first, second = pairs_of(judged, WEIGHTS, ALL_TAIL)
    assert (texts_of(first.comparison), first.worth) == ({"b", "d"}, 0.8)
    assert (texts_of(second.comparison), second.worth) == ({"a", "c"}, 0.1)
    assert first.comparison.picked_because == "tail"


def test_the_shares_of_groups_are_as_set() -> None:
    reasons = Counter(
        pair.comparison.picked_because
        for i in range(2000)
        for pair in pairs_of(
            group(f"p0-{i}", ["a", "b"], judge_version=1), WEIGHTS, Shares(0.2, 0.3)
        )
    )
    assert 0.16 < reasons["random"] / 2000 < 0.24
    assert 0.26 < reasons["tail"] / 2000 < 0.34
    assert reasons.total() == 2000
    assert set(reasons) == {"random", "tail", "disagreement"}


@pytest.mark.parametrize(
    ("purpose", "offered"),
    [(PURPOSE_GATE, 0), (PURPOSE_UNSPECIFIED, 0), (PURPOSE_TRAIN, 1), (PURPOSE_LABEL, 1)],
)
def test_gate_prompts_are_kept_from_people(purpose, offered) -> None:
    assert len(pairs_of(group("g", ["a", "b"], purpose=purpose), WEIGHTS, NONE)) == offered


def test_an_answer_that_a_proven_judge_could_not_score_is_left_out() -> None:
    judged = group("g", ["a", "b", "c"], judge_version=2)
    judged.judgements[1].CopyFrom(Judgement(error=ItemError(code=3)))
    (pair,) = pairs_of(judged, WEIGHTS, NONE)
    assert texts_of(pair.comparison) == {"a", "c"}


def test_a_malformed_group_gives_no_pair_and_no_error() -> None:
    assert pairs_of(JudgedGroup(), WEIGHTS, NONE) == []
    judged = group("g", ["a", "b"])
    del judged.judgements[:]
    assert pairs_of(judged, WEIGHTS, NONE) == []


@given(
    st.lists(st.sampled_from(["", "a", " a ", "a\n", "b", "c", "d e", "d  e"]), max_size=8),
    st.integers(0, 1),
    st.sampled_from([NONE, ALL_RANDOM, ALL_TAIL]),
)
def test_pairs_are_disjoint_differ_and_are_the_same_again(texts, judge_version, shares) -> None:
    judged = group("g", texts, judge_version=judge_version)
    pairs = pairs_of(judged, WEIGHTS, shares)
    assert pairs == pairs_of(judged, WEIGHTS, shares)
    assert len(pairs) == len({" ".join(text.split()) for text in texts}) // 2
    read = [
        " ".join(answer.text.split())
        for pair in pairs
        for answer in (pair.comparison.answer_a, pair.comparison.answer_b)
    ]
    assert len(read) == len(set(read))
    assert len({pair.comparison.pair_id for pair in pairs}) == len(pairs)


def test_the_newest_version_of_either_answer_counts() -> None:
    judged = group("g", ["a", "b"])
    judged.group.completions[1].weight_spans.add(policy_version=4, start=4, end=9)
    (pair,) = pairs_of(judged, WEIGHTS, NONE)
    assert pair.policy_version == 4
