"""Units of work that wait, the earliest deadline first."""

import asyncio
import heapq
import itertools
from dataclasses import dataclass
from typing import Generic, TypeVar

V = TypeVar("V")
P = TypeVar("P")
T = TypeVar("T")

FORGOTTEN_ENTRIES = 64
"""Entries of units that left early are kept at least up to this number; then they are swept."""


@dataclass(eq=False, slots=True)
class Unit(Generic[V, P, T]):
    """What is scored as a whole, and the future that its caller waits for."""

    version: V
    payload: P
    tokens: int
    deadline: float
    queued_at: float
    tenant: str
    outcome: asyncio.Future[T]


class Lane(Generic[V, P, T]):
    """Waiting units by their version, then by deadline, then by arrival.

    A batch is of one version: so that requests for several judges do not break each other's batches
    into pieces, each version has an order of its own.
    """

    def __init__(self) -> None:
        self.tokens = 0
        self._heaps: dict[V, list[tuple[float, int, Unit[V, P, T]]]] = {}
        self._waiting: set[Unit[V, P, T]] = set()
        self._arrivals = itertools.count()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, unit: Unit[V, P, T]) -> None:
        """Lets a unit wait."""
        heap = self._heaps.setdefault(unit.version, [])
        heapq.heappush(heap, (unit.deadline, next(self._arrivals), unit))
        self._waiting.add(unit)
        self.tokens += unit.tokens

    def discard(self, unit: Unit[V, P, T]) -> bool:
        """Takes a unit out, and tells whether it was in."""
        if unit not in self._waiting:
            return False
        self._waiting.remove(unit)
        self.tokens -= unit.tokens
        if sum(map(len, self._heaps.values())) > 2 * len(self._waiting) + FORGOTTEN_ENTRIES:
            self._sweep()
        return True

    def first(self, version: V | None = None) -> Unit[V, P, T] | None:
        """The most urgent unit, of one version or of all."""
        tops = [
            top
            for key in ([version] if version is not None else list(self._heaps))
            if (top := self._top(key))
        ]
        return min(tops)[2] if tops else None

    def take_expired(self, now: float) -> list[Unit[V, P, T]]:
        """Takes out the units whose deadline has passed."""
        expired: list[Unit[V, P, T]] = []
        for version in list(self._heaps):
            while (top := self._top(version)) and top[0] <= now:
                expired.append(top[2])
                self.discard(top[2])
        return expired

    def _top(self, version: V) -> tuple[float, int, Unit[V, P, T]] | None:
        heap = self._heaps.get(version, [])
        while heap and heap[0][2] not in self._waiting:
            heapq.heappop(heap)
        if not heap:
            self._heaps.pop(version, None)
            return None
        return heap[0]

    def _sweep(self) -> None:
        for version, heap in list(self._heaps.items()):
            kept = [entry for entry in heap if entry[2] in self._waiting]
            heapq.heapify(kept)
            self._heaps[version] = kept
            self._top(version)
