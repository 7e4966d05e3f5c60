"""Tells the owner, and does not tire them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ratchet.feedback.audit_log import AuditLog
from ratchet.feedback.notices.channel import Channel
from ratchet.feedback.notices.courier import Courier
from ratchet.feedback.notices.notice import ACTION, ACTOR, Notice
from ratchet.v1.audit_pb2 import AuditRecord


class Notifier:
    """What was told by each channel stands in the audit, so that a restart tells nothing twice."""

    def __init__(
        self,
        channels: Sequence[Channel],
        audit: AuditLog,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._audit = audit
        self._couriers = [Courier(channel, self._note, sleep) for channel in channels]

    def restore(self, record: AuditRecord) -> None:
        """Takes up a record of the audit: what was told before a restart."""
        if record.actor != ACTOR:
            return
        about = record.action.removeprefix(ACTION)
        for courier in self._couriers:
            # An older release's are of all channels, and do not say when the event was.
            if record.via in ("", courier.way):
                courier.restore(about, record.at, record.event_at or record.at)

    def tell(self, notices: Sequence[Notice], now: float) -> None:
        """Begins to deliver what is new; of several about the same the newest."""
        newest = {notice.about: notice for notice in sorted(notices, key=lambda each: each.at)}
        for courier in self._couriers:
            courier.tell(newest.values(), now)

    async def settled(self) -> None:
        """Waits until nothing is being delivered."""
        for courier in self._couriers:
            await courier.settled()

    async def close(self) -> None:
        """Gives up what is being delivered, which comes after the next start, and disconnects."""
        for courier in self._couriers:
            await courier.close()

    def _note(self, channel: Channel, notice: Notice) -> None:
        self._audit.note(
            ACTOR,
            f"{ACTION}{notice.about}",
            notice.text,
            via=channel.way,
            event_at=notice.at,
        )
