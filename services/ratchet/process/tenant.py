"""Who calls, and what they may."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ratchet.process.errors import Overloaded, RateExceeded
from ratchet.process.keys_file import PageRole
from ratchet.process.token_bucket import TokenBucket


@dataclass(frozen=True)
class Tenant:
    """One of those that share a server; found by the API key of a call."""

    name: str
    queue_share: float = 1.0
    """of the tokens that may wait before a model"""
    judges: frozenset[str] = frozenset()
    """that it may call; empty: all"""
    bucket: TokenBucket | None = None
    """None: no bound on its tokens per second"""
    role: PageRole = "labeler"
    """of its people on the labeling page"""

    def may_call(self, judge: str) -> bool:
        """Whether a judge is among its own."""
        return not self.judges or judge in self.judges

    @contextmanager
    def charged(self, tokens: int) -> Generator[None]:
        """Takes tokens for the work inside `with`, and gives them back where it is Overloaded.

        Raises:
            RateExceeded: the tenant's tokens are used up for now.
        """
        if self.bucket is None:
            yield
            return
        if wait_seconds := self.bucket.take(tokens):
            raise RateExceeded(wait_seconds)
        try:
            yield
        except Overloaded:
            self.bucket.give_back(tokens)
            raise


ANYONE = Tenant("")
"""The caller of a server that asks for no key."""

_current: ContextVar[Tenant] = ContextVar("tenant", default=ANYONE)


def current_tenant() -> Tenant:
    """The tenant of the call that is being answered."""
    return _current.get()


def set_current_tenant(tenant: Tenant) -> None:
    """For the rest of this task, and the tasks that it starts."""
    _current.set(tenant)
