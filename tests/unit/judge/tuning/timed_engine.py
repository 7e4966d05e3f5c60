"""An engine whose speed and faults are ours to say, on a clock that only it moves."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from ratchet.judge.engines.engine_process import EngineDied
from ratchet.reward.packing import TokenGroup


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class TimedEngine:
    """Says the mean of an answer's ids; takes `seconds` a batch, the first time a hundred times."""

    labels = ("mean", "length")
    vocabulary = 1000
    context_tokens = 512

    def __init__(self, clock: Clock, seconds: float, dies_at: int = 0, off_by: float = 0.0) -> None:
        self._clock, self._seconds, self._dies_at, self._off_by = clock, seconds, dies_at, off_by
        self.seen: list[TokenGroup] = []
        self.batches = 0
        self.closed = False

    def outputs(self, groups: Sequence[TokenGroup]) -> list[np.ndarray]:
        self.batches += 1
        if self.batches == self._dies_at:
            raise EngineDied("it is gone")
        self.seen += groups
        self._clock.now += self._seconds * (100 if self.batches == 1 else 1)
        return [
            np.array([[np.mean(ids) + self._off_by, len(ids)] for ids in group.completion_ids])
            for group in groups
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True
