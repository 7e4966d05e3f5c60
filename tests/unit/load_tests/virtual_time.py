"""A clock for the generator that needs no waiting."""

import asyncio


class VirtualTime:
    """It moves when somebody sleeps, and never else."""

    def __init__(self) -> None:
        self.now = 100.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = 0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._number += 1
        self._sleepers.append((self.now + seconds, self._number, done))
        await done

    async def run(self) -> None:
        while True:
            for _ in range(5):  # lets everything that can run now get to its next sleep
                await asyncio.sleep(0)
            if self._sleepers:
                self._sleepers.sort()
                at, _, done = self._sleepers.pop(0)
                self.now = max(self.now, at)
                done.set_result(None)
