"""What was done lately, by people and by gates."""

from collections import deque
from collections.abc import Sequence

from ratchet.v1.audit_pb2 import AuditRecord

KEPT = 200
"""Of the newest records of either sort; `ratchet audit` has them all."""

VISIT = "page."
"""How the actions begin of those who come to the page, are turned away, or go."""


class Activity:
    """The newest records of the topic `audit`: however many come and go, deeds are kept."""

    def __init__(self) -> None:
        self._deeds: deque[AuditRecord] = deque(maxlen=KEPT)
        self._visits: deque[AuditRecord] = deque(maxlen=KEPT)

    def add(self, record: AuditRecord) -> None:
        """One that the topic holds; one that a crash had written twice is kept once."""
        records = self._visits if record.action.startswith(VISIT) else self._deeds
        if record not in records:
            records.append(record)

    def newest(self) -> Sequence[AuditRecord]:
        """The newest first."""
        return sorted((*self._deeds, *self._visits), key=lambda record: -record.at)
