"""The gate of the learner's standard: what bets on its judge, and who is told."""

import logging
import time
from typing import TYPE_CHECKING

from ratchet.autonomy.drift import Answer
from ratchet.autonomy.gate import Gate, Standing
from ratchet.autonomy.state import State
from ratchet.learner import metrics
from ratchet.learner.config import LearnerSettings
from ratchet.learner.group_buffer import is_scored
from ratchet.learner.judge_training import JudgeTraining
from ratchet.learner.state import GateMove, LearnerState
from ratchet.stream.producer import Producer
from ratchet.stream.topics import AUDIT, GATES
from ratchet.v1.audit_pb2 import AuditRecord
from ratchet.v1.gate_pb2 import GateState
from ratchet.v1.judgement_pb2 import JudgedGroup

if TYPE_CHECKING:
    from ratchet.reward.heads import Heads

log = logging.getLogger(__name__)

TOKEN_BYTES = 4
FRESH = -1
"""No update's number: the KL of the newest batch is to be watched."""

SERVICE, GATE_ACTOR = "learner", "gate"
"""Who the audit says wrote it down, and who did it."""


class StandardGate:
    """Decides in the checkpoint's state; the loop commits, and only then has it published.

    Switched off, it admits every judge and says nothing, but that it is off where it once was on.
    """

    def __init__(
        self,
        settings: LearnerSettings,
        state: LearnerState,
        judges: JudgeTraining,
        producer: Producer,
    ) -> None:
        self._settings = settings
        self._learner = state
        self._judges = judges
        self._producer = producer
        self._gate = Gate(settings.gate, state.gate.standing)
        self._demands = settings.gate.model_dump_json()
        if settings.gate.enabled and not state.gate.standing.judge_version:
            state.gate.demands = self._demands
        self._told: tuple[object, ...] = ()

    def recount(self) -> None:
        """After all preferences were read anew: those that were erased meanwhile are not there.

        A label bets once at most, so some that came meanwhile may not bet at all.
        """
        state = self._learner.gate
        state.taken = min(state.taken, self._judges.preferences)
        state.since = min(state.since, self._judges.preferences)

    @property
    def due(self) -> bool:
        """Whether labels wait to bet, or all are to bet anew."""
        if not (self._settings.gate.enabled and self._learner.judge.serving):
            return False
        waiting = self._judges.preferences > self._learner.gate.taken
        return self._judges.all_read and (waiting or self._why_anew is not None)

    @property
    def changed(self) -> bool:
        """Whether there is something to tell."""
        return self._told != self._to_tell

    def bet(self, heads: "Heads") -> None:
        """Bet on all new labels of the version in force, whose heads these are.

        Of another version than before, or by other settings, all labels since the last fall bet
        anew; what the judge was and was not on their way is nothing that has happened, so one move
        is written down at most.
        """
        state, before, anew = self._learner.gate, self._learner.gate.standing.state, self._why_anew
        if anew is not None:
            self._gate.take_up(self._learner.judge.serving)
            state.demands, state.taken, state.watched_updates = self._demands, state.since, FRESH
        for place, label in self._judges.labels(heads, state.taken):
            held = state.standing.state
            if self._gate.add_label(label) and anew is None:
                self._has_moved(held)
            if state.standing.state < held:
                state.since = place + 1
        state.taken = self._judges.preferences
        if anew is not None and state.standing.state != before:
            self._has_moved(before, anew)

    def admits(self, heads: "Heads") -> bool:
        """Whether a newer version has by itself earned the state that the one in force has."""
        state = self._learner.gate
        if not self._settings.gate.enabled or state.standing.state == State.LEARNING:
            return True
        trial = Gate(self._settings.gate, Standing())
        labels = self._judges.labels(heads, state.since)
        trial.take_up(self._learner.judge.newest + 1, [label for _, label in labels])
        return trial.standing.state >= state.standing.state

    def watch(self, judged: JudgedGroup) -> None:
        """Watch a graded group for drift.

        The KL is that of the newest trained batch: it is watched once an update, for one of a
        group's own would cost a pass of the model.
        """
        state, learner = self._learner.gate, self._learner
        if not self._settings.gate.enabled or judged.judge_version != state.standing.judge_version:
            return
        for completion, judgement in zip(judged.group.completions, judged.judgements, strict=True):
            if not is_scored(judgement):
                continue
            kl = learner.kl if learner.updates != state.watched_updates else None
            state.watched_updates = learner.updates
            answer = Answer(
                score=min(max(judgement.score, 0.0), 1.0),
                tokens=len(completion.token_ids) // TOKEN_BYTES,
                kl=None if kl is None else max(kl, 0.0),
            )
            before = state.standing.state
            if self._gate.add_answer(answer):
                # Labels that wait are of answers from before the fall.
                state.taken = state.since = max(state.taken, self._judges.preferences)
                self._has_moved(before)

    def publish(self) -> None:
        """Tell the state with its evidence, and what has moved it. Twice changes nothing."""
        for move in self._learner.gate.moves:
            self._write_down(move)
        self._learner.gate.moves.clear()
        record = self._record()
        self._producer.send(GATES, record.standard_id, record).wait()
        self._told = self._to_tell
        metrics.AUTONOMY.set(record.state)

    def _record(self) -> GateState:
        standard_id, standing = self._settings.standard_id, self._learner.gate.standing
        if not self._settings.gate.enabled:
            return GateState(standard_id=standard_id, at=time.time())
        return GateState(
            standard_id=standard_id,
            state=f"AUTONOMY_{standing.state.name}",
            judge_version=standing.judge_version,
            label_share=self._gate.label_share,
            report=self._gate.report(),
            at=time.time(),
        )

    @property
    def _why_anew(self) -> str | None:
        """Why what the labels have proven so far counts no more, in words; None where it counts."""
        state, judge = self._learner.gate, self._learner.judge.serving
        last = state.standing.judge_version
        if last != judge:
            return f"Judge {judge} came in force after {last}. " if last else ""
        return None if state.demands == self._demands else "The gate's settings were changed. "

    @property
    def _to_tell(self) -> tuple[object, ...]:
        """What changes with every label that has bet, and not with every answer."""
        standing = self._learner.gate.standing
        if not self._settings.gate.enabled:
            return ("off",) if self._learner.gate.demands else ()
        labels = standing.evidence.agreement.total
        return standing.judge_version, standing.state, standing.last_fall, labels

    def _has_moved(self, before: State, because: str = "") -> None:
        """A reference starts anew with the present KL."""
        state, reason = self._learner.gate, because + self._gate.report().reason
        state.watched_updates = FRESH
        action = "gate.rose" if state.standing.state > before else "gate.fell"
        state.moves.append(GateMove(at=time.time(), action=action, reason=reason))
        log.warning("the gate: %s", reason)

    def _write_down(self, move: GateMove) -> None:
        record = AuditRecord(
            actor=GATE_ACTOR,
            at=move.at,
            action=move.action,
            detail=f"{self._settings.standard_id}: {move.reason}",
            service=SERVICE,
        )
        self._producer.send(AUDIT, f"{record.actor}/{record.at:.6f}", record).wait()
