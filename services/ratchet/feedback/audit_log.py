"""What people did here, on the topic `audit`."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from ratchet.process.errors import Unavailable
from ratchet.v1.audit_pb2 import AuditRecord

SERVICE = "feedback"

log = logging.getLogger(__name__)


class AuditLog:
    """Labels are not told here: a preference holds who gave it, and nothing is ever taken away."""

    def __init__(
        self,
        write: Callable[[AuditRecord], Awaitable[None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`write` returns once the record is safe, and raises Unavailable where it is not."""
        self._write = write
        self._clock = clock
        self._under_way: set[asyncio.Task[None]] = set()

    async def write(self, actor: str, action: str, detail: str = "", via: str = "") -> None:
        """Returns once it is written down; whoever changes something waits for this, then acts.

        Raises:
            Unavailable: it is not written down, so that it must not be done.
        """
        try:
            await self._write(self._record(actor, action, detail, via))
        except Unavailable as error:
            raise Unavailable(
                f"audit: this could not be written down, so nothing was done: {error}"
            ) from error

    def note(
        self, actor: str, action: str, detail: str = "", via: str = "", event_at: float = 0.0
    ) -> None:
        """Writes down what changes nothing, or is done, while its caller goes on.

        `event_at`: when what was told happened, of a notice.
        """
        record = self._record(actor, action, detail, via)
        record.event_at = event_at
        task = asyncio.create_task(self._try(record))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def drain(self) -> None:
        """Waits for what is being written."""
        await asyncio.gather(*self._under_way)

    async def _try(self, record: AuditRecord) -> None:
        try:
            await self._write(record)
        except Unavailable:
            log.exception("%s by %s was not written down", record.action, record.actor)

    def _record(self, actor: str, action: str, detail: str, via: str) -> AuditRecord:
        return AuditRecord(
            actor=actor,
            at=self._clock(),
            action=action,
            detail=detail,
            service=SERVICE,
            via=via,
        )
