import pytest
from tests.unit.feedback.happenings import gate
from tests.unit.feedback.judged import group

from ratchet.feedback.label_demand import LabelDemand
from ratchet.feedback.pairs import Pair, Shares, pairs_of
from ratchet.v1.gate_pb2 import (
    AUTONOMY_ASSISTED,
    AUTONOMY_AUTONOMOUS,
    AUTONOMY_LEARNING,
    AUTONOMY_UNSPECIFIED,
)
from ratchet.v1.prompt_pb2 import PURPOSE_LABEL, PURPOSE_TRAIN

USUAL = Shares(random=0.2, tail=0.3)
GROUPS = 4000


def pairs(judge_version: int = 1, purpose=PURPOSE_TRAIN) -> list[Pair]:
    """A pair of each of many groups."""
    return [
        pair
        for i in range(GROUPS)
        for pair in pairs_of(
            group(f"p0-{i}", ["a", "b"], judge_version=judge_version, purpose=purpose),
            {"short": 1.0},
            USUAL,
        )
    ]


@pytest.mark.parametrize("state", [None, AUTONOMY_UNSPECIFIED, AUTONOMY_LEARNING])
def test_before_the_gate_lets_anything_pass_people_label_all(state) -> None:
    demand = LabelDemand.of(None if state is None else gate(state, 0.25))
    assert all(demand.wants(pair) for pair in pairs())


def test_an_assisted_judge_has_a_share_of_the_groups_labeled_of_every_kind() -> None:
    demand = LabelDemand.of(gate(AUTONOMY_ASSISTED, 0.25))
    for reason in ("random", "tail", "disagreement"):
        of_reason = [p for p in pairs() if p.comparison.picked_because == reason]
        wanted = sum(demand.wants(pair) for pair in of_reason)
        assert 0.2 < wanted / len(of_reason) < 0.3


def test_an_autonomous_judge_is_audited_by_lot_alone() -> None:
    demand = LabelDemand.of(gate(AUTONOMY_AUTONOMOUS, 0.05))
    wanted = [pair for pair in pairs() if demand.wants(pair)]
    assert 0.04 < len(wanted) / GROUPS < 0.06
    assert {pair.comparison.picked_because for pair in wanted} == {"random"}


def test_no_larger_share_makes_an_audit_of_what_was_picked_to_teach() -> None:
    audit = LabelDemand.of(gate(AUTONOMY_AUTONOMOUS, 0.5))
    wanted = [pair for pair in pairs() if audit.wants(pair)]
    assert {pair.comparison.picked_because for pair in wanted} == {"random"}
    assert 0.18 < len(wanted) / GROUPS < 0.22, "all that were drawn by lot"
    assert any(audit.wants(pair) for pair in pairs(judge_version=0))


def test_whether_a_group_is_asked_for_does_not_depend_on_its_answers() -> None:
    demand = LabelDemand.of(gate(AUTONOMY_ASSISTED, 0.25))
    asked: list[set[str]] = []
    for copies in ([[0.1, 0.9], [0.9, 0.1]], [[0.5, 0.5], [0.5, 0.5]]):
        found = [
            pair
            for i in range(100)
            for pair in pairs_of(
                group(f"p0-{i}", ["a", "b"], judge_version=1, copies=copies, purpose=PURPOSE_TRAIN),
                {"short": 1.0},
                USUAL,
            )
        ]
        asked.append({pair.comparison.group_id for pair in found if demand.wants(pair)})
    assert asked[0] == asked[1]
    assert 0 < len(asked[0]) < 100


def test_what_was_sent_to_be_labeled_is_offered_in_any_state() -> None:
    demand = LabelDemand.of(gate(AUTONOMY_AUTONOMOUS, 0.0))
    assert all(demand.wants(pair) for pair in pairs(purpose=PURPOSE_LABEL))
