"""Submissions that wait, the earliest deadline first."""

import heapq
import itertools
from typing import Generic, TypeVar

from ratchet.judge.submission import Submission

V = TypeVar("V")
P = TypeVar("P")
R = TypeVar("R")

FORGOTTEN_ENTRIES = 64
"""Entries of submissions that left early are kept at least up to this number; then swept."""


class Lane(Generic[V, P, R]):
    """Waiting submissions by their version, then by deadline, then by arrival.

    A batch is of one version: so that requests for several judges do not break each other's batches
    into pieces, each version has an order of its own.
    """

    def __init__(self) -> None:
        self.tokens = 0
        """Of all units that wait."""
        self._heaps: dict[V, list[tuple[float, int, Submission[V, P, R]]]] = {}
        self._waiting: set[Submission[V, P, R]] = set()
        self._entries = 0
        self._arrivals = itertools.count()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, submission: Submission[V, P, R]) -> None:
        """Lets a submission wait."""
        heap = self._heaps.setdefault(submission.version, [])
        heapq.heappush(heap, (submission.deadline, next(self._arrivals), submission))
        self._entries += 1
        self._waiting.add(submission)
        self.tokens += submission.tokens

    def discard(self, submission: Submission[V, P, R]) -> bool:
        """Takes a submission out with all that waits of it, and tells whether it was in."""
        if submission not in self._waiting:
            return False
        self._waiting.remove(submission)
        self.tokens -= submission.tokens
        if self._entries > 2 * len(self._waiting) + FORGOTTEN_ENTRIES:
            self._sweep()
        return True

    def take(self, submission: Submission[V, P, R], room: int) -> range:
        """Takes of a submission that waits here the next units that have room: their indices."""
        tokens = submission.tokens
        units = submission.take(room)
        self.tokens -= tokens - submission.tokens
        if not submission.waiting:
            self.discard(submission)
        return units

    def first(self, version: V | None = None) -> Submission[V, P, R] | None:
        """The most urgent submission, of one version or of all."""
        if version is not None:
            top = self._top(version)
            return top[2] if top else None
        tops = [top for key in list(self._heaps) if (top := self._top(key))]
        return min(tops)[2] if tops else None

    def take_expired(self, now: float) -> list[Submission[V, P, R]]:
        """Takes out the submissions whose deadline has passed."""
        expired: list[Submission[V, P, R]] = []
        for version in list(self._heaps):
            while (top := self._top(version)) and top[0] <= now:
                expired.append(top[2])
                self.discard(top[2])
        return expired

    def _top(self, version: V) -> tuple[float, int, Submission[V, P, R]] | None:
        heap = self._heaps.get(version, [])
        while heap and heap[0][2] not in self._waiting:
            heapq.heappop(heap)
            self._entries -= 1
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
        self._entries = sum(map(len, self._heaps.values()))
