"""The learner's state in a checkpoint."""

from pydantic import BaseModel

from ratchet.autonomy.gate import Standing
from ratchet.learner.lineage import Lineage
from ratchet.v1.weights_pb2 import ConsumedOffset

HALT_AFTER = 3
"""Updates in a row without a finite loss (FAULTS row 34)."""


class GateMove(BaseModel):
    """A state that was earned, or lost."""

    at: float
    """Unix time, seconds"""
    action: str
    reason: str


class GateState(BaseModel):
    """What the gate has earned, and how far it has read."""

    standing: Standing = Standing()
    demands: str = ""
    """The gate's settings by which it was earned, as JSON; empty where the gate was never on."""
    taken: int = 0
    """Preferences whose labels have bet on the version in force, in the topic's order."""
    since: int = 0
    """Preferences from before the last fall: they prove nothing of what came after."""
    watched_updates: int = -1
    """The update whose KL was watched last."""
    moves: list[GateMove] = []
    """That are to be written down; after a crash one may be there twice, and looks the same."""


class LearnerState(BaseModel):
    """Versions and counts; counts run from the first start of all."""

    offsets: dict[str, dict[int, int]] = {}
    """topic -> partition -> next offset to read"""
    applied: dict[str, list[int]] = {}
    """`AppliedGroups.dump`"""
    policy: Lineage = Lineage(role="ROLE_POLICY")
    judge: Lineage = Lineage(role="ROLE_JUDGE")
    gate: GateState = GateState()

    updates: int = 0
    updates_wanted: int | None = None
    """An operator's word; None: as the settings say."""
    lineage_updates: int = 0
    """Updates that are in the served policy: less than `updates` after a rollback."""
    floor_updates: int = 0
    tested_at: int = 0
    """`updates` at the last test of the policy."""
    skipped_in_a_row: int = 0
    test_now: bool = False
    round_version: int = 0
    """The version that answers the gate prompts now; 0: none."""
    corrupt_next: bool = False
    paused: bool = False

    fitted_marks: int = 0
    fitted_standard: int = 0
    fitted_pairs: int = 0
    """With and without marks, the first so many of those that can be used"""
    fitted_digest: str = ""
    """of their labels' ids, in the topic's order"""
    groups_trained: int = 0
    groups_discarded: int = 0
    graded_answers: int = 0
    rollbacks: int = 0
    mean_score: float = 0.0
    kl: float = 0.0
    judge_agreement: float = 0.0
    distinct_answers: float = 1.0
    """Of the newest trained batch, as `autonomy.likeness` has it; 1 and 0 where it was taken back,
    or all answers are short."""
    answer_overlap: float = 0.0
    canaries_met: float | None = None
    """By the version tested last; None before there is one."""

    def consumed_offsets(self) -> list[ConsumedOffset]:
        """How far each topic was read, as a manifest tells it."""
        return [
            ConsumedOffset(topic=topic, partition=partition, offset=offset)
            for topic, partitions in sorted(self.offsets.items())
            for partition, offset in sorted(partitions.items())
        ]

    @property
    def halted(self) -> bool:
        """Whether too many losses in a row were not finite."""
        return self.skipped_in_a_row >= HALT_AFTER
