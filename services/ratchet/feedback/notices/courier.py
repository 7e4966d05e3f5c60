"""Brings the notices to one channel."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from ratchet.feedback import metrics
from ratchet.feedback.notices.channel import Channel, Refused, Undelivered
from ratchet.feedback.notices.notice import Notice

ONCE_SECONDS = 3600.0
"""A notice about the same comes at most so often."""
TRIES = 8
FIRST_WAIT_SECONDS = 1.0
"""Before the second try; each later one waits twice as long."""

log = logging.getLogger(__name__)


class Courier:
    """Knows what its channel was told, and holds no other channel up."""

    def __init__(
        self,
        channel: Channel,
        arrived: Callable[[Channel, Notice], None],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`arrived` is told of each notice that was received."""
        self._channel = channel
        self._arrived = arrived
        self._sleep = sleep
        self._tried_at: dict[str, float] = {}
        self._told_of: dict[str, float] = {}
        """When the newest event was that was told, by what it is about."""
        self._task: asyncio.Task[None] | None = None

    @property
    def way(self) -> str:
        """The channel's."""
        return self._channel.way

    def restore(self, about: str, tried_at: float, event_at: float) -> None:
        """Takes up what was told before a restart; both are Unix time, seconds."""
        self._tried_at[about] = max(tried_at, self._tried_at.get(about, 0.0))
        self._told_of[about] = max(event_at, self._told_of.get(about, 0.0))

    def tell(self, notices: Iterable[Notice], now: float) -> None:
        """Begins to deliver what is due; while it still delivers, what is due waits.

        `notices`: of those about the same the newest.
        """
        due = [notice for notice in notices if self._is_due(notice, now)]
        if due and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._deliver_all(due, now))

    async def settled(self) -> None:
        """Waits until nothing is being delivered."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def close(self) -> None:
        """Gives up what is being delivered, and disconnects."""
        if self._task is not None:
            self._task.cancel()
            await self.settled()
        await self._channel.close()

    def _is_due(self, notice: Notice, now: float) -> bool:
        waited = now - self._tried_at.get(notice.about, -ONCE_SECONDS)
        return waited >= ONCE_SECONDS and notice.at > self._told_of.get(notice.about, 0.0)

    async def _deliver_all(self, notices: Iterable[Notice], now: float) -> None:
        for notice in notices:
            self._tried_at[notice.about] = now
            try:
                await self._deliver(notice)
            except Exception:  # nobody would miss this task
                log.exception("%s: %s cannot be told now", self.way, notice.about)

    async def _deliver(self, notice: Notice) -> None:
        wait = FIRST_WAIT_SECONDS
        for attempt in range(1, TRIES + 1):
            try:
                await self._channel.deliver(notice)
            except Refused as error:
                log.warning("%s of %s is refused for good: %s", self.way, notice.about, error)
                self._told_of[notice.about] = notice.at
                break
            except Undelivered as error:
                log.warning("%s of %s, try %d: %s", self.way, notice.about, attempt, error)
            else:
                self._told_of[notice.about] = notice.at
                metrics.NOTICES.labels(self._channel.name, "delivered").inc()
                self._arrived(self._channel, notice)
                return
            if attempt < TRIES:
                await self._sleep(wait)
                wait *= 2
        metrics.NOTICES.labels(self._channel.name, "given_up").inc()
        log.error("%s: the notice of %s did not arrive: %s", self.way, notice.about, notice.text)
