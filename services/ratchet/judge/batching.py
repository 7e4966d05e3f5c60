"""The one queue before the model: bounded, by tokens, without a fixed wait."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ratchet.judge import metrics
from ratchet.process.errors import Overloaded

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


@dataclass(eq=False)
class _Unit(Generic[V, P, R]):
    version: V
    payload: P
    tokens: int
    deadline: float
    queued_at: float
    outcome: asyncio.Future[Scored[R] | Failed]


class BatchQueue(Generic[V, P, R]):
    """Batches what queued up while the last batch ran. Use it from one event loop.

    A unit is never split, and a batch holds units of one version only. Interactive work goes before
    bulk work, which gets the first place in one batch of `BULK_TURN + 1` when there is always more
    interactive work. Bulk work waits for room, never for more than a batch's worth of it, so that
    it cannot crowd interactive work out; interactive work that finds the queue full is refused.

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
        # Dictionaries as ordered sets: first in, first out, and cheap to leave.
        self._interactive: dict[_Unit[V, P, R], None] = {}
        self._bulk: dict[_Unit[V, P, R], None] = {}
        self._bulk_passed_by = 0
        self._seconds_per_token = 1e-3
        self._arrived = asyncio.Event()
        self._left = asyncio.Event()

    @property
    def queued_tokens(self) -> int:
        """Tokens that wait now."""
        return _tokens(self._interactive) + _tokens(self._bulk)

    async def submit(
        self, version: V, payloads: Sequence[P], deadline: float = math.inf
    ) -> list[Scored[R] | Failed]:
        """Scores interactive work: one outcome for each payload.

        `deadline` is on the queue's clock. Raises Overloaded, with nothing admitted, where the
        queue is full, and TimeoutError where the deadline passed before the model was reached.
        Cancelling the call takes its units out of the queue.
        """
        units = [self._unit(version, payload, deadline) for payload in payloads]
        if not self._fits(sum(unit.tokens for unit in units)):
            metrics.REFUSED.labels("overloaded").inc(len(units))
            raise Overloaded(self._retry_seconds())
        try:
            for unit in units:
                self._enter(self._interactive, unit)
            return await asyncio.gather(*(unit.outcome for unit in units))
        finally:
            self._leave(self._interactive, units)

    async def submit_bulk(self, version: V, payloads: Sequence[P]) -> list[Scored[R] | Failed]:
        """Scores bulk work, as room comes: one outcome for each payload."""
        units = [self._unit(version, payload, math.inf) for payload in payloads]
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

    def _unit(self, version: V, payload: P, deadline: float) -> _Unit[V, P, R]:
        outcome: asyncio.Future[Scored[R] | Failed] = asyncio.get_running_loop().create_future()
        return _Unit(version, payload, self._size(payload), deadline, self._clock(), outcome)

    def _fits(self, tokens: int) -> bool:
        queued = self.queued_tokens
        return not queued or queued + tokens <= self._max_queue_tokens

    def _fits_bulk(self, tokens: int) -> bool:
        queued = _tokens(self._bulk)
        room = not queued or queued + tokens <= self._max_batch_tokens
        return room and self._fits(tokens)

    def _enter(self, lane: dict[_Unit[V, P, R], None], unit: _Unit[V, P, R]) -> None:
        lane[unit] = None
        metrics.QUEUED_TOKENS.set(self.queued_tokens)
        self._arrived.set()

    def _leave(self, lane: dict[_Unit[V, P, R], None], units: Sequence[_Unit[V, P, R]]) -> None:
        for unit in units:
            unit.outcome.cancel()
            if unit in lane:
                del lane[unit]
                metrics.REFUSED.labels("cancelled").inc()
        metrics.QUEUED_TOKENS.set(self.queued_tokens)
        self._left.set()

    def _take(self) -> list[_Unit[V, P, R]]:
        """Removes the next batch from the lanes, without what nobody waits for any more."""
        for lane in (self._interactive, self._bulk):
            self._sweep(lane)
        lanes = [self._interactive, self._bulk]
        if self._bulk_passed_by >= BULK_TURN:
            lanes.reverse()
        batch: list[_Unit[V, P, R]] = []
        for lane in lanes:
            while lane:
                unit = next(iter(lane))
                if batch and not self._belongs(unit, batch):
                    break
                del lane[unit]
                batch.append(unit)
                if lane is self._bulk:
                    self._bulk_passed_by = -1
        self._bulk_passed_by = self._bulk_passed_by + 1 if self._bulk else 0
        metrics.QUEUED_TOKENS.set(self.queued_tokens)
        self._left.set()
        return batch

    def _sweep(self, lane: dict[_Unit[V, P, R], None]) -> None:
        now = self._clock()
        for unit in [unit for unit in lane if unit.outcome.done() or unit.deadline <= now]:
            del lane[unit]
            metrics.REFUSED.labels("cancelled" if unit.outcome.done() else "expired").inc()
            if not unit.outcome.done():
                unit.outcome.set_exception(TimeoutError("the deadline passed in the queue"))

    def _belongs(self, unit: _Unit[V, P, R], batch: Sequence[_Unit[V, P, R]]) -> bool:
        tokens = sum(taken.tokens for taken in batch) + unit.tokens
        return unit.version is batch[0].version and tokens <= self._max_batch_tokens

    async def _run(self, batch: Sequence[_Unit[V, P, R]]) -> None:
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
        seconds, tokens = self._clock() - started, _tokens(batch)
        self._seconds_per_token += SMOOTHING * (seconds / tokens - self._seconds_per_token)
        metrics.MODEL_SECONDS.observe(seconds)
        metrics.BATCH_TOKENS.observe(tokens)
        for unit, result in zip(batch, results, strict=True):
            metrics.QUEUED_SECONDS.observe(started - unit.queued_at)
            _tell(unit, Scored(result, started - unit.queued_at, seconds))

    def _retry_seconds(self) -> float:
        """When, at the pace of late, what waits now will be done."""
        return min(self.queued_tokens * self._seconds_per_token, LONGEST_RETRY_SECONDS)


def _tokens(units: Iterable[_Unit[V, P, R]]) -> int:
    return sum(unit.tokens for unit in units)


def _tell(unit: _Unit[V, P, R], outcome: Scored[R] | Failed) -> None:
    if not unit.outcome.done():  # Its caller may have gone while the model ran.
        unit.outcome.set_result(outcome)
