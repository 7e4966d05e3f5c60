"""When the learner's gate bets, whom it lets serve, and what it tells."""

from typing import Any

import pytest
from tests.unit.autonomy.judged_labels import labels

from ratchet.autonomy.label import Label
from ratchet.autonomy.settings import GateSettings
from ratchet.autonomy.state import State
from ratchet.learner.standard_gate import StandardGate
from ratchet.learner.state import LearnerState
from ratchet.process.packed import pack_u32
from ratchet.stream.topics import AUDIT, Topic
from ratchet.v1.audit_pb2 import AuditRecord
from ratchet.v1.gate_pb2 import AUTONOMY_ASSISTED, AUTONOMY_UNSPECIFIED, GateState
from ratchet.v1.judgement_pb2 import JudgedGroup, Judgement
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup

GOOD, POOR = "heads of a good judge", "heads of a poor one"


class Judges:
    """Preferences, all of the hold-out, and what each kind of judge makes of them."""

    def __init__(self) -> None:
        self.all_read = True
        self.said: dict[str, list[Label]] = {GOOD: [], POOR: []}

    @property
    def preferences(self) -> int:
        return len(self.said[GOOD])

    def vote(self, count: int, good: float = 0.85) -> None:
        seed = self.preferences
        self.said[GOOD] += labels(count, good, seed=seed)
        self.said[POOR] += labels(count, 0.5, seed=seed)

    def labels(self, heads: str, first: int) -> list[tuple[int, Label]]:
        return list(enumerate(self.said[heads]))[first:]


class Told:
    """A producer that keeps what it was given."""

    def __init__(self) -> None:
        self.records: list[GateState] = []
        self.moves: list[AuditRecord] = []

    def send(self, topic: Topic, key: str, record: Any) -> "Told":
        assert isinstance(record, topic.message)
        if topic is AUDIT:
            self.moves.append(record)
        else:
            assert key == record.standard_id
            self.records.append(record)
        return self

    def wait(self) -> None:
        pass


class Settings:
    standard_id = "shop"

    def __init__(self, **gate: Any) -> None:
        # Nobody gets as far as to be autonomous here.
        usual = {"enabled": True, "reference_answers": 20, "autonomous_agreement": 0.98}
        self.gate = GateSettings(**usual | gate)


class Loop:
    """What the learner's loop does with a gate."""

    def __init__(self, state: LearnerState, judges: Judges, **gate: Any) -> None:
        self.state, self.judges, self.told = state, judges, Told()
        arguments: Any = (Settings(**gate), state, judges, self.told)
        self.gate = StandardGate(*arguments)

    def turn(self, heads: Any = GOOD) -> None:
        if self.gate.due:
            self.gate.bet(heads)
        if self.gate.changed:
            self.gate.publish()

    @property
    def now(self) -> State:
        return self.state.gate.standing.state


@pytest.fixture
def loop() -> Loop:
    found = Loop(LearnerState(), Judges())
    found.state.judge.serving = found.state.judge.newest = 1
    return found


def test_labels_from_before_a_version_bet_on_it_and_then_each_new_one_once(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.turn()
    assert loop.now == State.ASSISTED
    assert not loop.gate.due
    total = loop.state.gate.standing.evidence.agreement.total
    assert total == 100
    loop.judges.vote(7)
    loop.turn()
    assert loop.state.gate.standing.evidence.agreement.total == total + 7
    assert [record.state for record in loop.told.records] == [AUTONOMY_ASSISTED] * 2
    assert loop.told.records[-1].label_share == 0.25
    assert loop.told.records[-1].report.passed


def test_after_a_restart_it_goes_on_where_it_was(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.turn()
    state = LearnerState.model_validate_json(loop.state.model_dump_json())
    again = Loop(state, loop.judges)
    again.turn()
    assert state.gate == loop.state.gate
    assert again.told.records[0].report == loop.told.records[-1].report, (
        "readers may have missed it"
    )


def test_nothing_bets_before_there_is_a_judge_and_all_answers_are_read(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.judges.all_read = False
    assert not loop.gate.due
    loop.judges.all_read, loop.state.judge.serving = True, 0
    assert not loop.gate.due
    loop.turn()
    assert "to come" in loop.told.records[-1].report.reason


def test_a_newer_version_must_have_earned_the_state_that_it_takes_over(loop: Loop) -> None:
    loop.judges.vote(100)
    assert loop.gate.admits(POOR), "in `learning` there is nothing to lose"
    loop.turn()
    assert not loop.gate.admits(POOR)
    assert loop.gate.admits(GOOD)
    loop.state.judge.serving = 2
    loop.turn()
    assert (loop.state.gate.standing.judge_version, loop.now) == (2, State.ASSISTED)


def test_a_version_that_an_operator_has_chosen_starts_from_nothing(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.turn()
    loop.state.judge.serving = 7
    loop.turn(POOR)
    assert loop.now == State.LEARNING
    assert not loop.told.records[-1].report.passed


def test_labels_from_before_a_fall_prove_nothing_of_a_later_version(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.turn()
    loop.judges.vote(200, good=0.2)
    loop.turn()
    assert loop.now == State.LEARNING
    assert 100 < loop.state.gate.since <= 300
    loop.state.judge.serving = 2
    loop.turn()
    assert loop.state.gate.standing.evidence.agreement.total == 300 - loop.state.gate.since


def test_a_refit_that_has_earned_the_state_by_itself_is_no_move(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.turn()
    loop.state.judge.serving = 2
    loop.turn()
    assert (loop.state.gate.standing.judge_version, loop.now) == (2, State.ASSISTED)
    assert [move.action for move in loop.told.moves] == ["gate.rose"]


def test_what_is_lost_by_an_operators_choice_of_judge_is_written_down_as_a_fall(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.turn()
    loop.state.judge.serving = 7
    loop.turn(POOR)
    fell = loop.told.moves[-1]
    assert fell.action == "gate.fell"
    assert fell.detail.startswith("shop: Judge 7 came in force after 1. Judge 7 is learning")
    # And back: labels prove it again, once.
    loop.state.judge.serving = 1
    loop.turn()
    assert [move.action for move in loop.told.moves] == ["gate.rose", "gate.fell", "gate.rose"]


def test_labels_that_wait_while_another_judge_comes_move_the_gate_once(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.turn()
    loop.judges.vote(200, good=0.2)
    loop.state.judge.serving = 2
    loop.turn()
    assert loop.now == State.LEARNING
    assert 100 < loop.state.gate.since <= 300, "labels from before its fall prove nothing either"
    assert [move.action for move in loop.told.moves] == ["gate.rose", "gate.fell"]


def graded(tokens: int, judge_version: int = 1) -> JudgedGroup:
    answers = [Completion(token_ids=pack_u32(range(tokens)))] * 4
    return JudgedGroup(
        group=RolloutGroup(completions=answers),
        judgements=[Judgement(score=0.5)] * 4,
        judge_version=judge_version,
    )


def test_answers_that_drift_take_the_state_back_and_the_labels_so_far_with_it(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.turn()
    for _ in range(10):
        loop.gate.watch(graded(40))
    for _ in range(50):
        loop.gate.watch(graded(2, judge_version=9))
    assert loop.now == State.ASSISTED, "another version's answers tell nothing"
    loop.judges.vote(30)  # On answers from before the drift; they wait to bet.
    for _ in range(50):
        loop.gate.watch(graded(2))
    assert loop.now == State.LEARNING
    loop.turn()
    assert "drift, tokens fell" in loop.told.records[-1].report.reason
    assert loop.state.gate.standing.evidence.agreement.total == 0


def test_labels_that_were_erased_let_no_other_bet_twice(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.turn()
    total = loop.state.gate.standing.evidence.agreement.total
    state = LearnerState.model_validate_json(loop.state.model_dump_json())
    again = Loop(state, Judges())
    again.judges.said = {kind: said[10:] for kind, said in loop.judges.said.items()}
    again.gate.recount()
    again.turn()
    assert state.gate.standing.evidence.agreement.total == total
    again.judges.vote(5)
    again.turn()
    assert state.gate.standing.evidence.agreement.total == total + 5, "and new ones bet"


def test_every_move_is_written_down_once_also_when_the_learner_ends_in_between(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.gate.bet(GOOD)
    # What the checkpoint holds is written down by the next learner.
    state = LearnerState.model_validate_json(loop.state.model_dump_json())
    again = Loop(state, loop.judges)
    again.turn()
    [move] = again.told.moves
    assert (move.actor, move.action, move.service) == ("gate", "gate.rose", "learner")
    assert "shop: Judge 1 is assisted" in move.detail
    for _ in range(40):
        again.judges.vote(10, good=0.2)
        again.turn()
    assert [move.action for move in again.told.moves] == ["gate.rose", "gate.fell"]
    assert state.gate.moves == []


def test_the_kl_of_a_batch_is_watched_once(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.turn()
    for _ in range(10):
        loop.gate.watch(graded(40))
    loop.state.kl, loop.state.updates = 3.0, 1
    for _ in range(100):
        loop.gate.watch(graded(40))
    assert loop.now == State.ASSISTED, "one noisy batch is no proof, however many answers follow"
    for update in range(2, 40):
        loop.state.updates = update
        loop.gate.watch(graded(40))
    assert loop.now == State.LEARNING


@pytest.mark.parametrize("fallen", [True, False])
def test_a_new_reference_begins_with_the_kl_of_today(loop: Loop, fallen: bool) -> None:
    loop.judges.vote(100)
    loop.turn()
    loop.state.kl, loop.state.updates = 2.0, 9
    for _ in range(10):
        loop.gate.watch(graded(40))
    if fallen:
        for _ in range(50):
            loop.gate.watch(graded(2))
        assert loop.now == State.LEARNING
        loop.judges.vote(100)
    else:
        loop.state.judge.serving = 2
    loop.turn()
    assert loop.now == State.ASSISTED
    for update in range(9, 60):
        loop.state.updates = update
        for _ in range(5):
            loop.gate.watch(graded(40, loop.state.judge.serving))
    assert loop.now == State.ASSISTED, "the policy was as far away when this state was earned"


def test_switched_off_it_lets_all_pass_and_says_nothing() -> None:
    loop = Loop(LearnerState(), Judges(), enabled=False)
    loop.state.judge.serving = 1
    loop.judges.vote(100)
    loop.turn()
    loop.gate.watch(graded(40))
    assert loop.gate.admits(POOR)
    assert loop.told.records == []
    assert loop.state == LearnerState(judge=loop.state.judge)


def test_what_was_proven_by_other_settings_has_to_be_proven_by_these(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.turn()
    stricter = Loop(loop.state, loop.judges, assisted_agreement=0.9)
    stricter.turn()
    assert stricter.now == State.LEARNING
    [fell] = stricter.told.moves
    assert fell.action == "gate.fell"
    assert fell.detail.startswith("shop: The gate's settings were changed. Judge 1 is learning")
    assert not stricter.gate.due
    again = Loop(loop.state, loop.judges)
    again.turn()
    assert [move.action for move in again.told.moves] == ["gate.rose"]
    same = Loop(loop.state, loop.judges)
    same.turn()
    assert same.told.moves == []


def test_switched_off_before_any_judge_it_takes_back_that_people_label_all() -> None:
    loop = Loop(LearnerState(), Judges())
    loop.turn()
    off = Loop(loop.state, loop.judges, enabled=False)
    off.turn()
    assert [record.state for record in off.told.records] == [AUTONOMY_UNSPECIFIED]


def test_switched_on_in_a_running_system_the_judge_in_force_starts_in_learning() -> None:
    loop = Loop(LearnerState(), Judges(), enabled=False)
    loop.state.judge.serving = loop.state.judge.newest = 5
    loop.judges.vote(20)
    loop.turn()
    on = Loop(loop.state, loop.judges)
    on.turn()
    assert (loop.state.gate.standing.judge_version, on.now) == (5, State.LEARNING)
    on.judges.vote(80)
    on.turn()
    assert on.now == State.ASSISTED, "labels from before it was switched on have bet, too"
    assert loop.state.gate.standing.evidence.agreement.total == 100


def test_switched_off_again_it_takes_back_once_what_it_told(loop: Loop) -> None:
    loop.judges.vote(100)
    loop.turn()
    off = Loop(loop.state, loop.judges, enabled=False)
    off.turn()
    off.judges.vote(100)
    off.turn()
    told = [(record.standard_id, record.state) for record in off.told.records]
    assert told == [("shop", AUTONOMY_UNSPECIFIED)]
