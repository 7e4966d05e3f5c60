"""Turns at bulk work: on one CPU, three teams of threads would only stall each other."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

POLL_SECONDS = 0.02


class ComputeLease:
    """An advisory lock on a file, shared by processes; it falls free when its holder dies.

    Who waits holds a second lock, the turnstile, through which every holder must come again: one
    that gives the lease back and wants it at once cannot overtake. All poll at one pace, for a
    blocking waiter would always win over a polling one, and a blocked thread cannot be cancelled.
    """

    def __init__(self, path: Path | None) -> None:
        """Takes the file to lock, made where absent; None makes every turn free at once."""
        self._path = path
        self.waited_seconds = 0.0
        """Seconds spent waiting by this object so far."""

    @contextmanager
    def held(self) -> Generator[None]:
        """Holds the lease inside `with`, after waiting for it."""
        if self._path is None:
            yield
            return
        with _opened(_turnstile(self._path)) as turnstile, _opened(self._path) as lease:
            started = time.monotonic()
            try:
                for file in (turnstile, lease):
                    while not _try_lock(file):
                        time.sleep(POLL_SECONDS)
                fcntl.flock(turnstile, fcntl.LOCK_UN)
            finally:
                self.waited_seconds += time.monotonic() - started
            yield

    @asynccontextmanager
    async def held_async(self) -> AsyncGenerator[None]:
        """Holds the lease inside `async with`; waiting for it can be cancelled."""
        if self._path is None:
            yield
            return
        with _opened(_turnstile(self._path)) as turnstile, _opened(self._path) as lease:
            started = time.monotonic()
            try:
                for file in (turnstile, lease):
                    while not _try_lock(file):
                        await asyncio.sleep(POLL_SECONDS)
                fcntl.flock(turnstile, fcntl.LOCK_UN)
            finally:
                self.waited_seconds += time.monotonic() - started
            yield


def _turnstile(path: Path) -> Path:
    return path.with_name(path.name + ".next")


@contextmanager
def _opened(path: Path) -> Generator[int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield file
    finally:
        os.close(file)  # which unlocks


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
