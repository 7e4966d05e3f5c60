"""A way to the owner."""

from typing import Protocol

from ratchet.feedback.notices.notice import Notice


class Undelivered(Exception):
    """A notice did not arrive, as far as is known."""


class Refused(Undelivered):
    """It never will: to try again would change nothing."""


class Channel(Protocol):
    """A web hook, or mail to one address."""

    name: str
    """for metrics"""
    way: str
    """for logs and the audit, which are no place for a URL: who holds a web hook's may post"""

    async def deliver(self, notice: Notice) -> None:
        """Returns once it was received; raises Undelivered, or Refused."""
        ...

    async def close(self) -> None:
        """Disconnects."""
        ...
