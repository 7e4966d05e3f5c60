"""Version numbers only grow, and there is always a proven version to go back to."""

from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ratchet.learner.lineage import Lineage, NothingProven, PointerMoved
from ratchet.v1.weights_pb2 import GateReport, Manifest, Pointer, VersionStatus, WeightsRecord
from ratchet.weights.ledger import Ledger


def policy() -> Lineage:
    lineage = Lineage(role="ROLE_POLICY")
    lineage.serve_proven(Manifest())
    return lineage


def statuses(records: list[WeightsRecord]) -> dict[int, VersionStatus]:
    return {r.manifest.version: r.manifest.status for r in records if r.HasField("manifest")}


def test_a_candidate_serves_on_probation_and_becomes_the_floor_when_proven() -> None:
    lineage = policy()
    lineage.put_on_probation(Manifest(parent=1))
    assert (lineage.serving, lineage.floor, lineage.on_probation) == (2, 1, [2])
    records = lineage.prove(GateReport(passed=True))
    assert (lineage.serving, lineage.floor, lineage.on_probation) == (2, 2, [])
    assert statuses(records) == {2: VersionStatus.VERSION_STATUS_SERVING}


def test_who_has_not_seen_the_pointer_in_force_is_refused() -> None:
    lineage = policy()
    seen = lineage.pointer.epoch
    lineage.expect(seen)
    lineage.put_on_probation(Manifest(parent=1))
    lineage.expect(0)
    with pytest.raises(PointerMoved, match="policy 2 is in use meanwhile, with 1 as the proven"):
        lineage.expect(seen)


def test_a_rollback_turns_all_on_probation_down_and_serves_a_new_number() -> None:
    lineage = policy()
    for _ in range(3):
        lineage.put_on_probation(Manifest())
    replacement = Manifest()
    records = lineage.roll_back(replacement, GateReport(reason="worse"))
    assert (lineage.serving, lineage.floor) == (5, 5)
    assert lineage.rejected == [2, 3, 4]
    assert replacement.parent == 1
    assert statuses(records) == {
        2: VersionStatus.VERSION_STATUS_ROLLED_BACK,
        3: VersionStatus.VERSION_STATUS_ROLLED_BACK,
        4: VersionStatus.VERSION_STATUS_REJECTED,
        5: VersionStatus.VERSION_STATUS_SERVING,
    }
    with pytest.raises(NothingProven):
        lineage.roll_back(Manifest(), None)


def test_a_promotion_turns_down_a_later_floor_and_what_is_on_probation() -> None:
    lineage = policy()
    for proven in (False, True, False):
        lineage.put_on_probation(Manifest())
        if proven:
            lineage.prove(GateReport(passed=True))
    assert (lineage.floor, lineage.on_probation) == (3, [4])
    records = lineage.promote(2)
    assert statuses(records) == {
        2: VersionStatus.VERSION_STATUS_SERVING,
        3: VersionStatus.VERSION_STATUS_ROLLED_BACK,
        4: VersionStatus.VERSION_STATUS_ROLLED_BACK,
    }
    assert (lineage.rejected, lineage.on_probation) == ([3, 4], [])
    with pytest.raises(NothingProven):
        lineage.roll_back(Manifest(), None)


def test_what_was_proven_after_a_promoted_version_is_turned_down_too() -> None:
    lineage = policy()
    for _ in range(2):
        lineage.put_on_probation(Manifest())
        lineage.prove(GateReport(passed=True))
    told = statuses(lineage.promote(1))
    assert told == {
        1: VersionStatus.VERSION_STATUS_SERVING,
        3: VersionStatus.VERSION_STATUS_ROLLED_BACK,
    }
    assert lineage.rejected == [2, 3]


def test_a_judge_steps_back_to_the_one_before() -> None:
    lineage = Lineage(role="ROLE_JUDGE")
    lineage.serve_proven(Manifest())
    lineage.serve_proven(Manifest(), floor=1)
    lineage.step_back()
    assert (lineage.serving, lineage.floor, lineage.rejected) == (1, 1, [2])
    with pytest.raises(NothingProven):
        lineage.step_back()


def test_a_judge_that_is_not_proven_is_a_candidate_that_can_be_promoted() -> None:
    lineage = Lineage(role="ROLE_JUDGE")
    lineage.serve_proven(Manifest())
    assert statuses(lineage.propose(Manifest())) == {2: VersionStatus.VERSION_STATUS_CANDIDATE}
    assert (lineage.serving, lineage.floor, lineage.rejected) == (1, 1, [])
    lineage.promote(2)
    assert (lineage.serving, lineage.floor) == (2, 2)


def test_a_number_is_used_once() -> None:
    lineage = policy()
    with pytest.raises(ValueError, match="not above"):
        lineage.put_on_probation(Manifest(version=1))


class LineageMachine(RuleBasedStateMachine):
    """Anything that gate and operator may do, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.lineage = policy()
        self.pointers: list[Pointer] = [self.lineage.pointer]
        self.ledger = Ledger()

    def announce(self, records: list[WeightsRecord]) -> None:
        for record in records:
            if record.HasField("pointer"):
                self.pointers.append(record.pointer)
                assert self.ledger.apply(record)

    @rule()
    def update(self) -> None:
        self.announce(self.lineage.put_on_probation(Manifest()))

    @precondition(lambda self: self.lineage.on_probation)
    @rule()
    def prove(self) -> None:
        self.announce(self.lineage.prove(GateReport(passed=True)))

    @precondition(lambda self: self.lineage.on_probation)
    @rule()
    def roll_back(self) -> None:
        self.announce(self.lineage.roll_back(Manifest(), None))

    @rule(data=st.data())
    def promote(self, data: st.DataObject) -> None:
        version = data.draw(st.integers(1, self.lineage.newest))
        self.announce(self.lineage.promote(version))
        assert (self.lineage.serving, self.lineage.floor) == (version, version)

    @invariant()
    def what_is_served_and_the_floor_were_not_turned_down(self) -> None:
        assert not {self.lineage.serving, self.lineage.floor} & set(self.lineage.rejected)
        assert 1 <= self.lineage.floor <= self.lineage.newest

    @invariant()
    def epochs_only_grow(self) -> None:
        assert all(a.epoch < b.epoch for a, b in pairwise(self.pointers))

    @invariant()
    def a_reload_is_the_same(self) -> None:
        assert Lineage.model_validate_json(self.lineage.model_dump_json()) == self.lineage


TestLineageMachine = LineageMachine.TestCase
TestLineageMachine.settings = settings(max_examples=60, stateful_step_count=30)
