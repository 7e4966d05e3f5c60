"""An event loop that wakes on time. asyncio's rounds its waits up to whole milliseconds."""

import asyncio
import select
from selectors import EpollSelector, SelectorKey


class FineSelector(EpollSelector):
    """Epoll that waits to the microsecond: select() does the waiting, on epoll's own file."""

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """As in the base class."""
        if timeout is not None and timeout > 0:
            select.select([self.fileno()], [], [], timeout)
            timeout = 0
        return super().select(timeout)


def new_event_loop() -> asyncio.AbstractEventLoop:
    """For asyncio.Runner's `loop_factory`."""
    return asyncio.SelectorEventLoop(FineSelector())
