"""How long an update takes, and whether there is time for another."""


class Pace:
    """Seconds of one monotonic clock, the deadline that of the whole run.

    The first update tells nothing: before it the gate asks the first policy.
    """

    def __init__(self, deadline: float, updates_to_end: int, last_update_by: float) -> None:
        """`updates_to_end`: how many take as long as what follows the last one."""
        self._deadline, self._updates_to_end = deadline, updates_to_end
        self._last_update_by = last_update_by
        self._updates = 0
        self._first_at = self._newest_at = 0.0

    def see(self, updates: int, now: float) -> None:
        """Takes note of how many updates there are."""
        if updates == self._updates:
            return
        if not self._updates:
            self._first_at = now
        self._updates, self._newest_at = updates, now

    def is_over(self, now: float) -> bool:
        """Whether the update that is being made, or the run with it, would end too late."""
        if self._updates < 2:
            return False
        an_update = (self._newest_at - self._first_at) / (self._updates - 1)
        next_at = max(now, self._newest_at + an_update)
        ends_at = next_at + self._updates_to_end * an_update
        return ends_at > self._deadline or next_at > self._last_update_by
