"""A way to the owner."""

from typing import Protocol

from ratchet.feedback.notices.notice import Notice


class Undelivered(Exception):
    """A notice did not arrive, as far as is known."""


class Channel(Protocol):
    """A web hook or mail."""

    name: str
    """for logs and metrics"""

    async def deliver(self, notice: Notice) -> None:
        """Returns once it was received; raises Undelivered."""
        ...

    async def close(self) -> None:
        """Disconnects."""
        ...
