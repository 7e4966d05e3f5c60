import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.feedback.judged import group, texts_of

from ratchet.feedback.pairs import pairs_of
from ratchet.v1.judgement_pb2 import ItemError, JudgedGroup, Judgement
from ratchet.v1.prompt_pb2 import PURPOSE_GATE, PURPOSE_LABEL, PURPOSE_TRAIN, PURPOSE_UNSPECIFIED

WEIGHTS = {"short": 2.0}


def test_the_pair_on_which_the_copies_disagree_most_comes_first() -> None:
    # The copies agree that "a" beats "b" by 0.4; they cannot tell whether "c" beats "d".
    copies = [[0.1, 0.1], [0.5, 0.5], [0.1, 0.9], [0.9, 0.1]]
    judged = group("g", ["a", "b", "c", "d"], judge_version=3, copies=copies)
    first, second = pairs_of(judged, WEIGHTS, random_share=0)
    assert texts_of(first.comparison) == {"c", "d"}
    assert texts_of(second.comparison) == {"a", "b"}
    assert first.comparison.picked_because == "disagreement"
    assert first.disagreement == pytest.approx(1.6)
    assert second.disagreement == pytest.approx(0)


def test_before_any_judge_pairs_are_first_ones() -> None:
    (pair,) = pairs_of(group("g", ["a", "b"]), WEIGHTS, random_share=1)
    assert pair.comparison.picked_because == "first"


def test_groups_set_aside_for_random_pairs_ignore_the_judge() -> None:
    copies = [[0.1, 0.1], [0.5, 0.5], [0.1, 0.9], [0.9, 0.1]]
    judged = group("g", ["a", "b", "c", "d"], judge_version=3, copies=copies)
    pairs = pairs_of(judged, WEIGHTS, random_share=1)
    assert [texts_of(pair.comparison) for pair in pairs] == [{"a", "b"}, {"c", "d"}]
    assert {pair.comparison.picked_because for pair in pairs} == {"random"}


def test_the_random_share_of_groups_is_as_set() -> None:
    reasons = [
        pairs_of(group(f"p0-{i}", ["a", "b"], judge_version=1), WEIGHTS, random_share=0.2)[0]
        for i in range(2000)
    ]
    share = sum(pair.comparison.picked_because == "random" for pair in reasons) / 2000
    assert 0.16 < share < 0.24


@pytest.mark.parametrize(
    ("purpose", "offered"),
    [(PURPOSE_GATE, 0), (PURPOSE_UNSPECIFIED, 0), (PURPOSE_TRAIN, 1), (PURPOSE_LABEL, 1)],
)
def test_gate_prompts_are_kept_from_people(purpose, offered) -> None:
    assert len(pairs_of(group("g", ["a", "b"], purpose=purpose), WEIGHTS, 0.1)) == offered


def test_an_answer_that_a_proven_judge_could_not_score_is_left_out() -> None:
    judged = group("g", ["a", "b", "c"], judge_version=2)
    judged.judgements[1].CopyFrom(Judgement(error=ItemError(code=3)))
    (pair,) = pairs_of(judged, WEIGHTS, random_share=0)
    assert texts_of(pair.comparison) == {"a", "c"}


def test_a_malformed_group_gives_no_pair_and_no_error() -> None:
    assert pairs_of(JudgedGroup(), WEIGHTS, 0.1) == []
    judged = group("g", ["a", "b"])
    del judged.judgements[:]
    assert pairs_of(judged, WEIGHTS, 0.1) == []


@given(
    st.lists(st.sampled_from(["", "a", " a ", "a\n", "b", "c", "d e", "d  e"]), max_size=8),
    st.integers(0, 1),
    st.floats(0, 1),
)
def test_pairs_are_disjoint_differ_and_are_the_same_again(texts, judge_version, share) -> None:
    judged = group("g", texts, judge_version=judge_version)
    pairs = pairs_of(judged, WEIGHTS, share)
    assert pairs == pairs_of(judged, WEIGHTS, share)
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
    (pair,) = pairs_of(judged, WEIGHTS, 0.1)
    assert pair.policy_version == 4
