"""What was done lately, by people and by gates."""

from collections import deque
from collections.abc import Sequence

from ratchet.v1.audit_pb2 import AuditRecord

KEPT = 200
"""Of the newest records; `ratchet audit` has them all."""


class Activity:
    """The newest records of the topic `audit`."""

    def __init__(self) -> None:
        self._records: deque[AuditRecord] = deque(maxlen=KEPT)

    def add(self, record: AuditRecord) -> None:
        """One that the topic holds; one that a crash had written twice is kept once."""
        if record not in self._records:
            self._records.append(record)

    def newest(self) -> Sequence[AuditRecord]:
        """The newest first."""
        return sorted(self._records, key=lambda record: -record.at)
