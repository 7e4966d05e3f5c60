"""The one queue before the model: bounded, by tokens, without a fixed wait."""

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ratchet.judge import metrics
from ratchet.judge.lane import Lane, Unit
from ratchet.process.errors import Overloaded, ShareExceeded

V = TypeVar("V")
P = TypeVar("P")
R = TypeVar("R")

BULK_TURN = 4
"""Batches that may pass waiting bulk work by; then bulk goes first for one."""

SMOOTHING = 0.2
LONGEST_RETRY_SECONDS = 30.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Scored(Generic[R]):
    """What the model made of one unit, and where the time went."""

    result: R
    queued_seconds: float
    model_seconds: float


@dataclass(frozen=True)
class Failed:
    """The model could not score this unit. Units beside it are not touched."""

    reason: str


Outcome = Scored[R] | Failed


class BatchQueue(Generic[V, P, R]):
    """Batches what queued up while the last batch ran. Use it from one event loop.

    A unit is never split, and a batch holds units of one version only. Of what waits, the earliest
    deadline goes first, then the earliest arrival. Interactive work goes before bulk work, which
    gets the first place in one batch of `BULK_TURN + 1` when there is always more interactive work.
    Bulk work waits for room, never for more than a batch's worth of it, so that it cannot crowd
    interactive work out; interactive work that finds the queue full is refused.

    Args:
        score: scores payloads by one version; one result for each.
        size: tokens of a payload.
        max_batch_tokens: a larger unit is a batch by itself.
        max_queue_tokens: bound on all that waits; a larger unit enters an empty queue only.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        score: Callable[[V, Sequence[P]], Awaitable[Sequence[R]]],
        size: Callable[[P], int],
        max_batch_tokens: int,
        max_queue_tokens: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._score = score
        self._size = size
        self._max_batch_tokens = max_batch_tokens
        self._max_queue_tokens = max_queue_tokens
        self._clock = clock
        self._interactive: Lane[V, P, Outcome[R]] = Lane()
        self._bulk: Lane[V, P, Outcome[R]] = Lane()
        self._tenants: Counter[str] = Counter()
        self._bulk_passed_by = 0
        self._seconds_per_token = 1e-3
        self._arrived = asyncio.Event()
        self._left = asyncio.Event()

    @property
    def queued_tokens(self) -> int:
        """Tokens that wait now."""
        return self._interactive.tokens + self._bulk.tokens

    async def submit(
        self,
        version: V,
        payloads: Sequence[P],
        deadline: float = math.inf,
        tenant: str = "",
        share: float = 1.0,
    ) -> list[Outcome[R]]:
        """Scores interactive work: one outcome for each payload.

        `deadline` is on the queue's clock; what one tenant has waiting is bounded by its `share` of
        the queue. Raises Overloaded, with nothing admitted, where the queue or the share is full,
        and TimeoutError where the deadline passed before the model was reached.
        Cancelling the call takes its units out of the queue.
        """
        units = [self._unit(version, payload, deadline, tenant) for payload in payloads]
        tokens = sum(unit.tokens for unit in units)
        if not self._fits(tokens):
            metrics.REFUSED.labels("overloaded").inc(len(units))
            raise Overloaded(self._retry_seconds())
        if not self._fits_share(tenant, tokens, share):
            metrics.REFUSED.labels("share").inc(len(units))
            raise ShareExceeded(self._retry_seconds())
        try:
            for unit in units:
                self._enter(self._interactive, unit)
            return await asyncio.gather(*(unit.outcome for unit in units))
        finally:
            self._leave(self._interactive, units)

    async def submit_bulk(self, version: V, payloads: Sequence[P]) -> list[Outcome[R]]:
        """Scores bulk work, as room comes: one outcome for each payload."""
        units = [self._unit(version, payload, math.inf, "") for payload in payloads]
        try:
            for unit in units:
                while not self._fits_bulk(unit.tokens):
                    self._left.clear()
                    await self._left.wait()
                self._enter(self._bulk, unit)
            return await asyncio.gather(*(unit.outcome for unit in units))
        finally:
            self._leave(self._bulk, units)

    async def run(self) -> None:
        """Takes batches and scores them, until cancelled."""
        while True:
            if batch := self._take():
                await self._run(batch)
            else:
                self._arrived.clear()
                await self._arrived.wait()

    def _unit(self, version: V, payload: P, deadline: float, tenant: str) -> Unit[V, P, Outcome[R]]:
        outcome: asyncio.Future[Outcome[R]] = asyncio.get_running_loop().create_future()
        tokens = self._size(payload)
        return Unit(version, payload, tokens, deadline, self._clock(), tenant, outcome)

    def _fits(self, tokens: int) -> bool:
        queued = self.queued_tokens
        return not queued or queued + tokens <= self._max_queue_tokens

    def _fits_share(self, tenant: str, tokens: int, share: float) -> bool:
        queued = self._tenants[tenant]
        return not queued or queued + tokens <= share * self._max_queue_tokens

    def _fits_bulk(self, tokens: int) -> bool:
        queued = self._bulk.tokens
        room = not queued or queued + tokens <= self._max_batch_tokens
        return room and self._fits(tokens)

    def _enter(
        self,
        lane: Lane[V, P, Outcome[R]],
        unit: Unit[V, P, Outcome[R]],
    ) -> None:
        lane.add(unit)
        self._tenants[unit.tenant] += unit.tokens
        metrics.QUEUED_TOKENS.set(self.queued_tokens)
        self._arrived.set()

    def _leave(
        self,
        lane: Lane[V, P, Outcome[R]],
        units: Sequence[Unit[V, P, Outcome[R]]],
    ) -> None:
        for unit in units:
            unit.outcome.cancel()
            if lane.discard(unit):
                self._forget(unit)
                metrics.REFUSED.labels("cancelled").inc()
        metrics.QUEUED_TOKENS.set(self.queued_tokens)
        self._left.set()

    def _forget(self, unit: Unit[V, P, Outcome[R]]) -> None:
        self._tenants[unit.tenant] -= unit.tokens
        if not self._tenants[unit.tenant]:
            del self._tenants[unit.tenant]

    def _take(self) -> list[Unit[V, P, Outcome[R]]]:
        """Removes the next batch from the lanes, without what nobody waits for any more."""
        for lane in (self._interactive, self._bulk):
            for unit in lane.take_expired(self._clock()):
                self._forget(unit)
                gone = unit.outcome.done()
                metrics.REFUSED.labels("cancelled" if gone else "expired").inc()
                if not gone:
                    unit.outcome.set_exception(TimeoutError("the deadline passed in the queue"))
        lanes = [self._interactive, self._bulk]
        if self._bulk_passed_by >= BULK_TURN:
            lanes.reverse()
        batch: list[Unit[V, P, Outcome[R]]] = []
        tokens = 0
        for lane in lanes:
            while unit := lane.first(batch[0].version if batch else None):
                if batch and tokens + unit.tokens > self._max_batch_tokens:
                    break
                lane.discard(unit)
                self._forget(unit)
                if unit.outcome.done():  # Its caller has gone, and is about to take it out.
                    metrics.REFUSED.labels("cancelled").inc()
                    continue
                batch.append(unit)
                tokens += unit.tokens
                if lane is self._bulk:
                    self._bulk_passed_by = -1
        self._bulk_passed_by = self._bulk_passed_by + 1 if len(self._bulk) else 0
        metrics.QUEUED_TOKENS.set(self.queued_tokens)
        self._left.set()
        return batch

    async def _run(self, batch: Sequence[Unit[V, P, Outcome[R]]]) -> None:
        started = self._clock()
        try:
            results = await self._score(batch[0].version, [unit.payload for unit in batch])
        except Exception as error:
            log.exception("a batch of %d units could not be scored", len(batch))
            if len(batch) > 1:  # One of them is to blame: the others are scored alone.
                for unit in batch:
                    if not unit.outcome.done():
                        await self._run([unit])
            else:
                _tell(batch[0], Failed(f"{type(error).__name__}: {error}"))
            return
        seconds = self._clock() - started
        tokens = sum(unit.tokens for unit in batch)
        self._seconds_per_token += SMOOTHING * (seconds / tokens - self._seconds_per_token)
        metrics.MODEL_SECONDS.observe(seconds)
        metrics.BATCH_TOKENS.observe(tokens)
        for unit, result in zip(batch, results, strict=True):
            metrics.QUEUED_SECONDS.observe(started - unit.queued_at)
            _tell(unit, Scored(result, started - unit.queued_at, seconds))

    def _retry_seconds(self) -> float:
        """When, at the pace of late, what waits now will be done."""
        return min(self.queued_tokens * self._seconds_per_token, LONGEST_RETRY_SECONDS)


def _tell(unit: Unit[V, P, Outcome[R]], outcome: Outcome[R]) -> None:
    if not unit.outcome.done():  # Its caller may have gone while the model ran.
        unit.outcome.set_result(outcome)
