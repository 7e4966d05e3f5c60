"""What one caller wants scored, and what has become of it."""

import asyncio
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

V = TypeVar("V")
P = TypeVar("P")
R = TypeVar("R")


class Scored(NamedTuple, Generic[R]):
    """What the model made of one unit, and where the time went."""

    result: R
    queued_seconds: float
    model_seconds: float


class Failed(NamedTuple):
    """The model could not score this unit. Units beside it are not touched."""

    reason: str


Outcome = Scored[R] | Failed

UNSETTLED = Failed("it was not scored")


class Submission(Generic[V, P, R]):
    """Units of one version and one deadline, each scored as a whole, and one future for them all.

    Args:
        version: that scores them.
        payloads: the units, at least one.
        sizes: of each, in tokens.
        deadline: on the queue's clock.
        queued_at: on the same.
        tenant: who submitted them.
    """

    __slots__ = (
        "_outcomes",
        "_taken",
        "_unsettled",
        "deadline",
        "done",
        "payloads",
        "queued_at",
        "sizes",
        "tenant",
        "tokens",
        "version",
    )

    def __init__(
        self,
        version: V,
        payloads: Sequence[P],
        sizes: Sequence[int],
        deadline: float,
        queued_at: float,
        tenant: str,
    ) -> None:
        self.version, self.payloads, self.sizes = version, payloads, sizes
        self.deadline, self.queued_at, self.tenant = deadline, queued_at, tenant
        self.tokens = sum(sizes)
        """Of the units that wait."""
        self.done: asyncio.Future[list[Outcome[R]]] = asyncio.get_running_loop().create_future()
        self._taken = 0
        self._unsettled = len(sizes)
        # Batches may end in another order than they were taken in.
        self._outcomes: list[Outcome[R]] = [UNSETTLED] * len(sizes)

    @property
    def waiting(self) -> int:
        """How many units wait for the model."""
        return len(self.sizes) - self._taken

    @property
    def next_size(self) -> int:
        """Tokens of the unit that goes next."""
        return self.sizes[self._taken]

    def take(self, room: int) -> range:
        """Indices of the units that go next, as many as have room; they wait no more."""
        first = self._taken
        for size in self.sizes[first:]:
            if size > room:
                break
            room -= size
            self.tokens -= size
            self._taken += 1
        return range(first, self._taken)

    def settle(self, units: range, outcomes: Sequence[Outcome[R]]) -> None:
        """Keeps the outcomes of some units; those that come last end the submission."""
        self._outcomes[units.start : units.stop] = outcomes
        self._unsettled -= len(units)
        if not self._unsettled and not self.done.done():  # Or nobody waits.
            self.done.set_result(self._outcomes)
