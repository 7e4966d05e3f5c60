"""What one caller wants scored, and what has become of it."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

V = TypeVar("V")
P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Scored(Generic[R]):
    """What the model made of one unit, and where the time went."""

    result: R
    queued_seconds: float
    model_seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The model could not score this unit. Units beside it are not touched."""

    reason: str


Outcome = Scored[R] | Failed


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
        "_unsettled",
        "_waiting",
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
        self._waiting = deque(range(len(payloads)))
        self._outcomes: dict[int, Outcome[R]] = {}
        self._unsettled = len(payloads)

    @property
    def waiting(self) -> int:
        """How many units wait for the model."""
        return len(self._waiting)

    @property
    def next_size(self) -> int:
        """Tokens of the unit that goes next."""
        return self.sizes[self._waiting[0]]

    def take(self) -> int:
        """The index of the unit that goes next, which waits no more."""
        unit = self._waiting.popleft()
        self.tokens -= self.sizes[unit]
        return unit

    def settle(self, unit: int, outcome: Outcome[R]) -> None:
        """Keeps a unit's outcome; the last one ends the submission."""
        self._outcomes[unit] = outcome
        self._unsettled -= 1
        if not self._unsettled and not self.done.done():  # Its caller may have gone meanwhile.
            self.done.set_result([self._outcomes[i] for i in range(len(self.payloads))])
