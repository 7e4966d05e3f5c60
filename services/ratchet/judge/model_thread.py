"""The thread in which all models of this server take turns, and the queues before it."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ratchet.judge.batching import BatchQueue
from ratchet.process.errors import RestartRequired
from ratchet.reward.packing import TokenGroup

V = TypeVar("V")
R = TypeVar("R")


class ModelThread:
    """Makes queues, and runs them until it is closed."""

    def __init__(self, max_batch_tokens: int, max_queue_tokens: int) -> None:
        self._max_batch_tokens = max_batch_tokens
        self._max_queue_tokens = max_queue_tokens
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._died: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.running: list[asyncio.Future[None]] = [self._died]
        """What ends only where something is wrong."""

    def queue_before(
        self, score: Callable[[V, Sequence[TokenGroup]], Sequence[R]]
    ) -> BatchQueue[V, TokenGroup, R]:
        """A queue before a model that scores by `score`, in the thread."""

        async def in_thread(version: V, groups: Sequence[TokenGroup]) -> Sequence[R]:
            loop = asyncio.get_running_loop()
            try:
                return await loop.run_in_executor(self._thread, score, version, groups)
            except RestartRequired as error:
                if not self._died.done():
                    self._died.set_exception(error)
                raise

        queue = BatchQueue(
            in_thread, lambda group: group.length, self._max_batch_tokens, self._max_queue_tokens
        )
        self.running.append(asyncio.create_task(queue.run()))
        return queue

    async def close(self) -> None:
        """Ends the queues."""
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
        self._thread.shutdown(wait=False)
