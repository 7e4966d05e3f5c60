"""A rate, with a reserve for bursts."""

import time
from collections.abc import Callable


class TokenBucket:
    """Fills at `rate` tokens a second up to `capacity`; full at first.

    More than `capacity` can be taken from a full bucket, which then owes the rest: a large request
    waits longer, but is never impossible.
    """

    def __init__(
        self, rate: float, capacity: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._capacity = capacity
        self._clock = clock
        self._level = capacity
        self._level_at = clock()

    def take(self, tokens: int) -> float:
        """Takes tokens and returns 0, or takes none and returns the seconds until there are."""
        now = self._clock()
        self._level = min(self._capacity, self._level + (now - self._level_at) * self._rate)
        self._level_at = now
        missing = min(tokens, self._capacity) - self._level
        if missing > 0:
            return missing / self._rate
        self._level -= tokens
        return 0.0

    def give_back(self, tokens: int) -> None:
        """Undoes a `take` whose tokens were not used."""
        self._level += tokens
