import math

import pytest
from tests.unit.learner.groups import judged

from ratchet.learner.group_buffer import Freshness, GroupBuffer
from ratchet.v1.judgement_pb2 import JudgedGroup

NOW = Freshness(version=5, max_staleness=1, rejected=[3], rejected_judges=[2])


@pytest.mark.parametrize(
    ("group", "fault"),
    [
        (judged(policy_version=5), None),
        (judged(policy_version=4), None),
        (judged(policy_version=3), "rejected_policy"),
        (judged(policy_version=2), "stale"),
        (judged(policy_version=6), "stale"),
        (judged(policy_version=5, judge_version=0), "no_judge"),
        (judged(policy_version=5, judge_version=2), "rejected_judge"),
        (judged(policy_version=5, scores=(0.5, None)), "unscored"),
        (judged(policy_version=5, scores=(0.5, math.nan, None)), "unscored"),
        (judged(policy_version=5, scores=(0.5, None, 0.1)), None),
    ],
)
def test_what_is_not_fit_to_train_on_is_named(group: JudgedGroup, fault: str | None) -> None:
    assert NOW.fault_of(group) == fault
    buffer = GroupBuffer(bound=3)
    assert buffer.add(group, NOW) == ([fault] if fault else [])
    assert len(buffer) == (fault is None)


def test_scores_of_a_judge_that_is_learning_never_train() -> None:
    learning = Freshness(version=5, max_staleness=1, proven_judge=0)
    assert learning.fault_of(judged(policy_version=5)) == "learning"
    buffer = GroupBuffer(bound=4, groups=[judged(policy_version=5)])
    assert buffer.discard_unfit(learning) == ["learning"], "nor do those that waited"


def test_scores_of_another_judge_than_the_proven_one_never_train() -> None:
    group = judged(policy_version=5)
    for version, fault in ((group.judge_version, None), (group.judge_version + 1, "learning")):
        proven = Freshness(version=5, max_staleness=1, proven_judge=version)
        assert proven.fault_of(group) == fault


def test_one_old_token_makes_a_group_old() -> None:
    group = judged(policy_version=5)
    group.group.completions[1].weight_spans.add(policy_version=2, start=0, end=1)
    assert NOW.fault_of(group) == "stale"


def test_a_group_without_spans_is_not_trusted() -> None:
    group = judged(policy_version=5)
    for completion in group.group.completions:
        del completion.weight_spans[:]
    assert NOW.fault_of(group) == "stale"


def test_first_in_first_out_and_the_oldest_makes_room() -> None:
    buffer = GroupBuffer(bound=2)
    faults = [buffer.add(judged(i, policy_version=5), NOW) for i in range(3)]
    assert faults == [[], [], ["overflow"]]
    assert buffer.take(3) == []
    assert [g.group.group_id for g in buffer.take(2)] == ["p0-1", "p0-2"]


def test_what_went_stale_while_it_waited_is_dropped() -> None:
    buffer = GroupBuffer(bound=4)
    for version in (4, 5):
        buffer.add(judged(version, policy_version=version), NOW)
    assert buffer.discard_unfit(Freshness(version=6, max_staleness=1)) == ["stale"]
    assert [g.group.group_id for g in buffer.groups] == ["p0-5"]
