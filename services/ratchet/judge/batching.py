"""The one queue before the model: bounded, by tokens, without a fixed wait."""

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from ratchet.judge import metrics
from ratchet.judge.lane import Lane
from ratchet.judge.submission import Failed, Outcome, Scored, Submission
from ratchet.process.errors import Overloaded, ShareExceeded

V = TypeVar("V")
P = TypeVar("P")
R = TypeVar("R")

BULK_TURN = 4
"""Batches that may pass waiting bulk work by; then bulk goes first for one."""

SMOOTHING = 0.2
LONGEST_RETRY_SECONDS = 30.0

Batch = list[tuple[Submission[V, P, R], range]]
"""Units: a submission, and their indices there."""

log = logging.getLogger(__name__)


class BatchQueue(Generic[V, P, R]):
    """Batches what queued up while the last batch ran. Use it from one event loop.

    Where `run` runs twice, a batch is handed over while another is being scored, once as many
    tokens wait as a batch holds; less than that waits for what may join it.

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
        self._interactive: Lane[V, P, R] = Lane()
        self._bulk: Lane[V, P, R] = Lane()
        self._tenants: Counter[str] = Counter()
        self._bulk_passed_by = 0
        self._running = 0
        self._last_ended = -math.inf
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
        if not payloads:
            return []
        submission = self._submission(version, payloads, deadline, tenant)
        self.check_room(submission.sizes, tenant, share)
        try:
            self._enter(self._interactive, submission)
            return await submission.done
        finally:
            self._leave(self._interactive, submission)

    def check_room(self, sizes: Sequence[int], tenant: str = "", share: float = 1.0) -> None:
        """Raises Overloaded where interactive units of so many tokens would be refused now."""
        if not sizes:
            return
        tokens = sum(sizes)
        if not self._fits(tokens):
            metrics.REFUSED.labels("overloaded").inc(len(sizes))
            raise Overloaded(self._retry_seconds())
        if not self._fits_share(tenant, tokens, share):
            metrics.REFUSED.labels("share").inc(len(sizes))
            raise ShareExceeded(self._retry_seconds())

    async def submit_bulk(self, version: V, payloads: Sequence[P]) -> list[Outcome[R]]:
        """Scores bulk work, as room comes: one outcome for each payload."""
        submissions = [self._submission(version, [each], math.inf, "") for each in payloads]
        try:
            for submission in submissions:
                while not self._fits_bulk(submission.tokens):
                    self._left.clear()
                    await self._left.wait()
                self._enter(self._bulk, submission)
            return [(await submission.done)[0] for submission in submissions]
        finally:
            for submission in submissions:
                self._leave(self._bulk, submission)

    async def run(self) -> None:
        """Takes batches and scores them, until cancelled."""
        while True:
            ready = not self._running or self.queued_tokens >= self._max_batch_tokens
            if ready and (batch := self._take()):
                self._running += 1
                try:
                    await self._run(batch)
                finally:
                    self._running -= 1
            else:
                self._arrived.clear()
                await self._arrived.wait()

    def _submission(
        self, version: V, payloads: Sequence[P], deadline: float, tenant: str
    ) -> Submission[V, P, R]:
        sizes = [self._size(payload) for payload in payloads]
        return Submission(version, payloads, sizes, deadline, self._clock(), tenant)

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

    def _enter(self, lane: Lane[V, P, R], submission: Submission[V, P, R]) -> None:
        lane.add(submission)
        self._tenants[submission.tenant] += submission.tokens
        self._arrived.set()

    def _leave(self, lane: Lane[V, P, R], submission: Submission[V, P, R]) -> None:
        submission.done.cancel()
        if lane.discard(submission):
            self._forget(submission, submission.tokens)
            metrics.REFUSED.labels("cancelled").inc(submission.waiting)
            self._left.set()

    def _forget(self, submission: Submission[V, P, R], tokens: int) -> None:
        self._tenants[submission.tenant] -= tokens
        if not self._tenants[submission.tenant]:
            del self._tenants[submission.tenant]

    def _take(self) -> Batch[V, P, R]:
        """Removes the next batch from the lanes, without what nobody waits for any more."""
        self._drop_expired()
        lanes = [self._interactive, self._bulk]
        if self._bulk_passed_by >= BULK_TURN:
            lanes.reverse()
        batch: Batch[V, P, R] = []
        room = self._max_batch_tokens
        for lane in lanes:
            while submission := lane.first(batch[0][0].version if batch else None):
                if submission.done.done():  # Its caller has gone, and is about to take it out.
                    self._drop(lane, submission)
                    continue
                if not batch:  # One that is too large for any batch is one by itself.
                    room = max(room, submission.next_size)
                waited = submission.tokens
                units = lane.take(submission, room)
                if not units:
                    break
                batch.append((submission, units))
                taken = waited - submission.tokens
                self._forget(submission, taken)
                room -= taken
                if lane is self._bulk:
                    self._bulk_passed_by = -1
        self._bulk_passed_by = self._bulk_passed_by + 1 if len(self._bulk) else 0
        self._left.set()
        return batch

    def _drop_expired(self) -> None:
        for lane in (self._interactive, self._bulk):
            for submission in lane.take_expired(self._clock()):
                self._forget(submission, submission.tokens)
                gone = submission.done.done()
                label = "cancelled" if gone else "expired"
                metrics.REFUSED.labels(label).inc(submission.waiting)
                if not gone:
                    error = TimeoutError("the deadline passed in the queue")
                    submission.done.set_exception(error)

    def _drop(self, lane: Lane[V, P, R], submission: Submission[V, P, R]) -> None:
        lane.discard(submission)
        self._forget(submission, submission.tokens)
        metrics.REFUSED.labels("cancelled").inc(submission.waiting)

    async def _run(self, batch: Batch[V, P, R]) -> None:
        handed_over = self._clock()
        try:
            results = await self._score(
                batch[0][0].version,
                [submission.payloads[unit] for submission, units in batch for unit in units],
            )
        except Exception as error:
            log.exception("a batch could not be scored")
            await self._blame(batch, error)
            return
        # The batch before may have run on for a while.
        started = max(handed_over, self._last_ended)
        self._last_ended = self._clock()
        seconds = self._last_ended - started
        tokens = sum(sum(submission.sizes[units.start : units.stop]) for submission, units in batch)
        self._seconds_per_token += SMOOTHING * (seconds / tokens - self._seconds_per_token)
        metrics.MODEL_SECONDS.observe(seconds)
        metrics.BATCH_TOKENS.observe(tokens)
        scored = iter(results)
        for submission, units in batch:
            queued = started - submission.queued_at
            metrics.QUEUED_SECONDS.observe(queued)
            submission.settle(units, [Scored(next(scored), queued, seconds) for _ in units])

    async def _blame(self, batch: Batch[V, P, R], error: Exception) -> None:
        """One of the units is to blame: each is scored alone."""
        if sum(len(units) for _, units in batch) == 1:
            [(submission, units)] = batch
            submission.settle(units, [Failed(f"{type(error).__name__}: {error}")])
            return
        for submission, units in batch:
            for unit in units:
                if not submission.done.done():
                    await self._run([(submission, range(unit, unit + 1))])

    def _retry_seconds(self) -> float:
        """When, at the pace of late, what waits now will be done."""
        return min(self.queued_tokens * self._seconds_per_token, LONGEST_RETRY_SECONDS)
