"""Tells the owner, and does not tire them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from ratchet.feedback import metrics
from ratchet.feedback.audit_log import AuditLog
from ratchet.feedback.notices.channel import Channel, Undelivered
from ratchet.feedback.notices.notice import Notice
from ratchet.v1.audit_pb2 import AuditRecord

ACTOR = "notices"
ONCE_SECONDS = 3600.0
"""A notice about the same comes at most so often."""
TRIES = 8
FIRST_WAIT_SECONDS = 1.0
"""Before the second try; each later one waits twice as long."""

log = logging.getLogger(__name__)


class Notifier:
    """What was told stands in the audit, so that a restart tells nothing twice."""

    def __init__(
        self,
        channels: Sequence[Channel],
        audit: AuditLog,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._channels = channels
        self._audit = audit
        self._sleep = sleep
        self._tried_at: dict[str, float] = {}
        self._told_of: dict[str, float] = {}
        """When the newest event began that was told, by what it is about."""

    def restore(self, record: AuditRecord) -> None:
        """Takes up a record of the audit: what was told before a restart."""
        if record.actor == ACTOR:
            about = record.action.removeprefix("notice.")
            self._tried_at[about] = max(record.at, self._tried_at.get(about, 0.0))
            self._told_of[about] = max(record.at, self._told_of.get(about, 0.0))

    async def tell(self, notices: Sequence[Notice], now: float) -> None:
        """Delivers what is new; of several about the same the newest."""
        newest = {notice.about: notice for notice in sorted(notices, key=lambda each: each.at)}
        for notice in newest.values():
            if self._is_due(notice, now):
                await self._deliver_everywhere(notice, now)

    async def close(self) -> None:
        """Disconnects the channels."""
        for channel in self._channels:
            await channel.close()

    def _is_due(self, notice: Notice, now: float) -> bool:
        waited = now - self._tried_at.get(notice.about, -ONCE_SECONDS)
        return waited >= ONCE_SECONDS and notice.at > self._told_of.get(notice.about, 0.0)

    async def _deliver_everywhere(self, notice: Notice, now: float) -> None:
        self._tried_at[notice.about] = now
        arrived = await asyncio.gather(*(self._deliver(each, notice) for each in self._channels))
        if any(arrived):
            self._told_of[notice.about] = notice.at
            self._audit.note(ACTOR, f"notice.{notice.about}", notice.text)

    async def _deliver(self, channel: Channel, notice: Notice) -> bool:
        wait = FIRST_WAIT_SECONDS
        for attempt in range(1, TRIES + 1):
            try:
                await channel.deliver(notice)
            except Undelivered as error:
                log.warning("%s of %s, try %d: %s", channel.name, notice.about, attempt, error)
            else:
                metrics.NOTICES.labels(channel.name, "delivered").inc()
                return True
            if attempt < TRIES:
                await self._sleep(wait)
                wait *= 2
        metrics.NOTICES.labels(channel.name, "given_up").inc()
        log.error(
            "%s: the notice of %s did not arrive: %s", channel.name, notice.about, notice.text
        )
        return False
