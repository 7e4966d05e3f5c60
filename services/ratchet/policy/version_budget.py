"""How many training groups may still be sampled under the version being served."""


class VersionBudget:
    """A bucket of training groups (docs/design.md, invariant 8). Times are monotonic seconds.

    It holds at most `groups_per_version * (1 + max_staleness)` groups and starts full. A new
    version adds what one update takes, so that what was sampled ahead stays ahead by no more
    than `max_staleness` versions. With `max_staleness = 0` sampling is on-policy.
    """

    def __init__(self, groups_per_version: int, max_staleness: int, stall_seconds: float) -> None:
        self._per_version = groups_per_version
        self._capacity = groups_per_version * (1 + max_staleness)
        self._stall_seconds = stall_seconds
        self._left = self._capacity
        self._changed_at: float | None = None

    @property
    def left(self) -> int:
        """Groups that may be sampled now."""
        return self._left

    def new_version(self, now: float) -> None:
        """A newer version is being served."""
        self._left = min(self._capacity, self._left + self._per_version)
        self._changed_at = now

    def take(self, groups: int, now: float) -> None:
        """Counts groups that are about to be sampled.

        Raises:
            ValueError: More than are left.
        """
        if groups > self._left:
            raise ValueError(f"{groups} groups wanted, {self._left} left")
        if groups:
            self._left -= groups
            self._changed_at = now

    def seconds_to_stall(self, now: float) -> float | None:
        """Seconds until `refill_if_stalled` would act; None while there is something left."""
        if self._left or self._changed_at is None:
            return None
        return max(0.0, self._changed_at + self._stall_seconds - now)

    def refill_if_stalled(self, now: float) -> bool:
        """Grants the budget anew when nothing has changed for too long: a group may be lost."""
        if self.seconds_to_stall(now) != 0.0:
            return False
        self._left = self._capacity
        self._changed_at = now
        return True
