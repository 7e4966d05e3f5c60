"""One thing that the owner should know."""

from dataclasses import dataclass

ACTOR = "notices"
"""Who tells, in the audit."""
ACTION = "notice."
"""Before what a notice is about, in the audit."""

LABELS_WANTED = "labels-wanted"
GATE_ROSE = "gate-rose"
GATE_FELL = "gate-fell"
JUDGE_REFUSED = "judge-refused"
LEARNER_HALTED = "learner-halted"

SUBJECTS = {
    LABELS_WANTED: "Pairs wait for people",
    GATE_ROSE: "The judge may act more freely",
    GATE_FELL: "The judge has lost freedom",
    JUDGE_REFUSED: "A new judge is not good enough",
    LEARNER_HALTED: "Learning has halted",
}
"""By kind."""


@dataclass(frozen=True)
class Notice:
    """What happened, in plain words."""

    kind: str
    standard_id: str
    """empty where it is of no standard"""
    at: float
    """when it began; Unix time, seconds"""
    text: str

    @property
    def about(self) -> str:
        """What is told at most once an hour."""
        return f"{self.kind}/{self.standard_id}" if self.standard_id else self.kind
