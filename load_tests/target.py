"""What is put under load."""

from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

Request = TypeVar("Request")


class NotReady(Exception):
    """A target that cannot be reached, or refuses everything."""


class Target(Protocol[Request]):
    """A connection of one process to a server; used from one event loop."""

    async def __aenter__(self) -> Self:
        """Connects. Raises NotReady where nobody answers."""
        ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Disconnects."""
        ...

    def prepare(self, number: int) -> Request:
        """Builds the call with this number, before it is due."""
        ...

    async def send(self, request: Request) -> str:
        """Sends it and waits for its end: OK, or the name of what went wrong. Raises nothing."""
        ...


class TargetSettings(Protocol):
    """Which server, and what to ask it; crosses to other processes."""

    def open(self) -> Target[Any]:
        """A new connection, to be entered."""
        ...
