"""The thread in which all models of this server take turns, and the queues before it."""

import asyncio
from collections.abc import Callable, Sequence
from queue import SimpleQueue
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

Work = SimpleQueue[Callable[[], None] | None]
"""What a thread has to do; None is the end."""


class ModelThread:
    """Makes queues, and runs them until it is closed.

    A bare thread: the hand-over to a ThreadPoolExecutor and back takes longer than all that a small
    call costs in the queue (docs/performance.md).
    """

    def __init__(self, max_batch_tokens: int, max_queue_tokens: int) -> None:
        self._max_batch_tokens = max_batch_tokens
        self._max_queue_tokens = max_queue_tokens
        self._to_begin: Work = SimpleQueue()
        self._to_finish: Work = SimpleQueue()
        self._threads = {
            self._to_begin: Thread(target=_run, args=[self._to_begin], name="model", daemon=True),
            self._to_finish: Thread(target=_run, args=[self._to_finish], name="out", daemon=True),
        }
        for thread in self._threads.values():
            thread.start()
        self._died: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.running: list[asyncio.Future[None]] = [self._died]
        """What ends only where something is wrong."""
        self._queues: list[BatchQueue[Any, TokenGroup, Any]] = []
        metrics.QUEUED_TOKENS.set_function(
            lambda: float(sum(queue.queued_tokens for queue in self._queues))
        )

    def queue_before(
        self, begin: Callable[[V, Sequence[TokenGroup]], Finish[R]], ahead: bool = False
    ) -> BatchQueue[V, TokenGroup, R]:
        """A queue before a model that scores by `begin`, in the thread, and by what that returns.

        `ahead`: `begin` only starts the work of a device, which would wait in the meantime: so a
        further batch is begun while another thread waits for the results.
        """
        loop = asyncio.get_running_loop()

        def in_thread(version: V, groups: Sequence[TokenGroup]) -> asyncio.Future[Sequence[R]]:
            scored: asyncio.Future[Sequence[R]] = loop.create_future()

            def work() -> None:
                if scored.done():  # The queue has ended.
                    return
                try:
                    finish = begin(version, groups)
                except Exception as error:  # Whatever it is, the thread goes on.
                    loop.call_soon_threadsafe(self._fail, scored, error)
                    return
                if ahead:
                    self._to_finish.put(lambda: settle(finish))
                else:
                    settle(finish)

            def settle(finish: Finish[R]) -> None:
                try:
                    results = finish()
                except Exception as error:
                    loop.call_soon_threadsafe(self._fail, scored, error)
                else:
                    loop.call_soon_threadsafe(_settle, scored, results)

            self._to_begin.put(work)
            return scored

        queue = BatchQueue(
            in_thread, lambda group: group.length, self._max_batch_tokens, self._max_queue_tokens
        )
        self._queues.append(queue)
        self.running += (asyncio.create_task(queue.run()) for _ in range(1 + ahead))
        return queue

    async def close(self) -> None:
        """Ends the queues; waits for the batch that runs."""
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
        for work, thread in self._threads.items():
            work.put(None)
            await asyncio.to_thread(thread.join)

    def _fail(self, scored: "asyncio.Future[Any]", error: Exception) -> None:
        if isinstance(error, RestartRequired) and not self._died.done():
            self._died.set_exception(error)
        if not scored.done():
            scored.set_exception(error)


def at_once(
    score: Callable[[V, Sequence[TokenGroup]], Sequence[R]],
) -> Callable[[V, Sequence[TokenGroup]], Finish[R]]:
    """Begins what is done by the time that it has begun."""

    def begin(version: V, groups: Sequence[TokenGroup]) -> Finish[R]:
        results = score(version, groups)
        return lambda: results

    return begin


def _run(work: Work) -> None:
    while step := work.get():
        step()


def _settle(scored: "asyncio.Future[Any]", results: Any) -> None:
    if not scored.done():  # Or the queue has ended.
        scored.set_result(results)
