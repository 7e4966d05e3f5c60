"""How far a judge may act alone."""

from enum import IntEnum


class State(IntEnum):
    """In the order in which they are earned; the numbers are those of `v1.Autonomy`."""

    LEARNING = 1
    """People label all; no score trains anything."""
    ASSISTED = 2
    """Scores train the policy; people label a share."""
    AUTONOMOUS = 3
    """People audit a small random share."""

    @property
    def above(self) -> "State | None":
        """The next state up; None from the highest."""
        return State(self + 1) if self < State.AUTONOMOUS else None

    @property
    def below(self) -> "State":
        """The next state down; the lowest is below itself."""
        return State(max(self - 1, State.LEARNING))
