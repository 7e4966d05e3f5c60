"""What needs the owner now."""

from collections.abc import Iterator, Sequence

from ratchet.feedback.activity import Activity
from ratchet.feedback.comparison_pool import ComparisonPool
from ratchet.feedback.history import History
from ratchet.feedback.notices.notice import (
    ACTION,
    ACTOR,
    GATE_FELL,
    GATE_ROSE,
    JUDGE_REFUSED,
    LABELS_WANTED,
    LEARNER_HALTED,
    Notice,
)
from ratchet.v1.audit_pb2 import AuditRecord
from ratchet.v1.standard_pb2 import Standard
from ratchet.v1.weights_pb2 import ROLE_JUDGE, VERSION_STATUS_CANDIDATE

FRESH_SECONDS = 24 * 3600.0
"""What happened longer ago, such as before there were notices, is told by the status page."""

GATE_MOVES = {"gate.rose": GATE_ROSE, "gate.fell": GATE_FELL}
HALTED = (
    "Several updates in a row had a loss that is not a number, so that learning has halted. Look "
    "at the scores of the newest answers, then let it go on: on the status page, or by `ratchet "
    "resume`."
)


class Watch:
    """Looks at what the topics have told. Pure: it does no input or output."""

    def __init__(
        self,
        history: History,
        pool: ComparisonPool,
        activity: Activity,
        *,
        quiet_seconds: float,
    ) -> None:
        """`quiet_seconds`: without a label while pairs wait."""
        self._history = history
        self._pool = pool
        self._activity = activity
        self._quiet_seconds = quiet_seconds
        self._waits_since: dict[str, float] = {}
        """By standard id. The pool lets its oldest pairs go: that is no reason to tell again."""
        self._halted_at: float | None = None
        self._told_halt_at: float | None = None
        """When the halt began that was told last, unless learning has gone on since."""

    def restore(self, record: AuditRecord) -> None:
        """Takes up a record of the audit, in the topic's order: what was told of a halt."""
        if record.actor == ACTOR and record.action == f"{ACTION}{LEARNER_HALTED}":
            self._told_halt_at = record.event_at or record.at
        elif record.action == "learner.resume":
            self._halted_at = self._told_halt_at = None

    def see_halted(self, halted: bool, now: float) -> None:
        """What the learner has said last."""
        if not halted:
            self._halted_at = self._told_halt_at = None
        elif self._halted_at is None:
            self._halted_at = now if self._told_halt_at is None else self._told_halt_at

    def needed(self, standards: Sequence[Standard], now: float) -> list[Notice]:
        """All that holds now, or has happened lately; the oldest first."""
        found = [*self._moves(now), *self._halted()]
        for standard in standards:
            found += [*self._refusals(standard, now), *self._quiet(standard, now)]
        return sorted(found, key=lambda notice: notice.at)

    def _moves(self, now: float) -> Iterator[Notice]:
        for record in self._activity.newest():
            kind = GATE_MOVES.get(record.action)
            if kind and record.at > now - FRESH_SECONDS:
                standard_id, _, reason = record.detail.partition(": ")
                yield Notice(kind, standard_id, record.at, reason)

    def _halted(self) -> Iterator[Notice]:
        if self._halted_at is not None:
            yield Notice(LEARNER_HALTED, "", self._halted_at, HALTED)

    def _refusals(self, standard: Standard, now: float) -> Iterator[Notice]:
        for judge in self._history.versions(ROLE_JUDGE, standard.standard_id):
            refused = judge.status == VERSION_STATUS_CANDIDATE and not judge.gate_report.passed
            if refused and judge.created_at > now - FRESH_SECONDS:
                text = (
                    f"Judge {judge.version} was tried. {judge.gate_report.reason} Label more pairs."
                )
                yield Notice(JUDGE_REFUSED, standard.standard_id, judge.created_at, text)

    def _quiet(self, standard: Standard, now: float) -> Iterator[Notice]:
        standard_id = standard.standard_id
        oldest = self._pool.waits_since(standard_id)
        if oldest is None:
            self._waits_since.pop(standard_id, None)
            return
        waits_since = self._waits_since.setdefault(standard_id, oldest)
        labels = self._history.labels(standard_id)
        last = max((note.at for note in labels if not note.imported), default=0.0)
        due = max(last, waits_since) + self._quiet_seconds
        if now >= due:
            text = (
                f"{self._pool.waiting(standard_id)} pairs wait to be labeled, and nobody has "
                f"labeled any for {self._quiet_seconds / 3600:g} hours. Only people's labels show "
                "what the judge may do."
            )
            yield Notice(LABELS_WANTED, standard_id, due, text)
