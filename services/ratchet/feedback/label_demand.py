"""How much people are asked to label, as the gate of a standard has it."""

import hashlib
from dataclasses import dataclass

from ratchet.feedback.pairs import FIRST, RANDOM, Pair, lot
from ratchet.v1.gate_pb2 import AUTONOMY_ASSISTED, AUTONOMY_AUTONOMOUS, GateState
from ratchet.v1.prompt_pb2 import PURPOSE_LABEL

FAIR = (FIRST, RANDOM)


@dataclass(frozen=True)
class LabelDemand:
    """Of the groups of a standard, which people are asked about; by default all."""

    share: float = 1.0
    """Of the groups, by the hash of their ids: before anything is known of their answers."""
    by_lot: bool = False
    """Whether no pair is offered that was picked for what the judge thinks of it. The share is then
    the head of the lot by which random pairs are drawn, so that no larger one than theirs helps."""

    @classmethod
    def of(cls, gate: GateState | None) -> "LabelDemand":
        """What a gate asks for; without one, and while it has let nothing pass, all."""
        if gate is None or gate.state not in (AUTONOMY_ASSISTED, AUTONOMY_AUTONOMOUS):
            return cls()
        return cls(gate.label_share, by_lot=gate.state == AUTONOMY_AUTONOMOUS)

    def wants(self, pair: Pair) -> bool:
        """Whether it may be offered; one of a prompt that was sent to be labeled always may."""
        comparison = pair.comparison
        if comparison.prompt.purpose == PURPOSE_LABEL:
            return True
        if self.by_lot:
            return comparison.picked_because in FAIR and lot(comparison.group_id) < self.share
        return _place(comparison.group_id) < self.share


def _place(group_id: str) -> float:
    """0 to 1; tells nothing of the group's place in the lot, which is of the same hash's head."""
    digest = hashlib.sha256(group_id.encode()).digest()
    return int.from_bytes(digest[-4:]) / 2**32
