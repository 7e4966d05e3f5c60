"""The thread in which all models of this server take turns, and the queues before it."""

import asyncio
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from ratchet.judge import metrics
from ratchet.judge.batching import BatchQueue
from ratchet.process.errors import RestartRequired
from ratchet.reward.packing import TokenGroup

V = TypeVar("V")
R = TypeVar("R")

Finish = Callable[[], Sequence[R]]
"""Waits for what was begun, and gives its results."""


class ModelThread:
    """Makes queues, and runs them until it is closed.

    A bare thread: the hand-over to a ThreadPoolExecutor and back takes longer than all that a small
    call costs in the queue (docs/performance.md).

    Args:
        max_batch_tokens: of a batch.
        max_queue_tokens: of all that waits in one queue.
        ahead: begins a batch while another runs, where a model only starts its work in this thread:
            a GPU would wait in the meantime.
    """

    def __init__(self, max_batch_tokens: int, max_queue_tokens: int, ahead: bool = False) -> None:
        self._max_batch_tokens = max_batch_tokens
        self._max_queue_tokens = max_queue_tokens
        self._ahead = ahead
        self._work: SimpleQueue[Callable[[], Callable[[], None]] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="model", daemon=True)
        self._thread.start()
        self._died: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.running: list[asyncio.Future[None]] = [self._died]
        """What ends only where something is wrong."""
        self._queues: list[BatchQueue[Any, TokenGroup, Any]] = []
        metrics.QUEUED_TOKENS.set_function(
            lambda: float(sum(queue.queued_tokens for queue in self._queues))
        )

    def queue_before(
        self, begin: Callable[[V, Sequence[TokenGroup]], Finish[R]]
    ) -> BatchQueue[V, TokenGroup, R]:
        """A queue before a model that scores by `begin` and by what that returns, in the thread."""
        loop = asyncio.get_running_loop()

        def in_thread(version: V, groups: Sequence[TokenGroup]) -> asyncio.Future[Sequence[R]]:
            scored: asyncio.Future[Sequence[R]] = loop.create_future()

            def work() -> Callable[[], None]:
                try:
                    finish = begin(version, groups)
                except Exception as error:  # Whatever it is, the thread goes on.
                    loop.call_soon_threadsafe(self._fail, scored, error)
                    return _nothing
                return lambda: settle(finish)

            def settle(finish: Finish[R]) -> None:
                try:
                    results = finish()
                except Exception as error:
                    loop.call_soon_threadsafe(self._fail, scored, error)
                else:
                    loop.call_soon_threadsafe(_settle, scored, results)

            self._work.put(work)
            return scored

        queue = BatchQueue(
            in_thread, lambda group: group.length, self._max_batch_tokens, self._max_queue_tokens
        )
        self._queues.append(queue)
        self.running += (asyncio.create_task(queue.run()) for _ in range(1 + self._ahead))
        return queue

    async def close(self) -> None:
        """Ends the queues; waits for the batch that runs."""
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
        self._work.put(None)
        await asyncio.to_thread(self._thread.join)

    def _fail(self, scored: "asyncio.Future[Any]", error: Exception) -> None:
        if isinstance(error, RestartRequired) and not self._died.done():
            self._died.set_exception(error)
        if not scored.done():
            scored.set_exception(error)

    def _run(self) -> None:
        while work := self._work.get():
            finish = work()
            while self._ahead and (following := self._following()):
                begun = following()
                finish()
                finish = begun
            finish()

    def _following(self) -> Callable[[], Callable[[], None]] | None:
        try:
            following = self._work.get_nowait()
        except Empty:
            return None
        if following is None:  # The end: `_run` is to find it again.
            self._work.put(None)
        return following


def at_once(
    score: Callable[[V, Sequence[TokenGroup]], Sequence[R]],
) -> Callable[[V, Sequence[TokenGroup]], Finish[R]]:
    """Begins what is done by the time that it has begun."""

    def begin(version: V, groups: Sequence[TokenGroup]) -> Finish[R]:
        results = score(version, groups)
        return lambda: results

    return begin


def _nothing() -> None:
    """What is left of a batch that could not be begun."""


def _settle(scored: "asyncio.Future[Any]", results: Any) -> None:
    if not scored.done():  # Or the queue has ended.
        scored.set_result(results)
