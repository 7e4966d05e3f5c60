"""The arms of the experiment: what rewards the policy, and what helps its readers."""

from dataclasses import dataclass
from enum import Enum


class Reward(Enum):
    """Where a reward comes from."""

    MARKS = "marks"
    VOTES = "votes"
    BOTH = "both"
    GOLD = "gold"


class Helper(Enum):
    """Whose critiques the readers see."""

    NOBODY = "nobody"
    CURRENT = "current"
    """The newest policy's critic, fitted anew before every reading."""
    FIRST = "first"
    """The first policy's critic, as it was after the first marks, for good."""
    SHUFFLED = "shuffled"
    """The newest policy's critic, but each answer is shown another answer's critique."""


@dataclass(frozen=True)
class Arm:
    """One way to learn. All arms with readers have the same number of answers read in all."""

    name: str
    reward: Reward = Reward.MARKS
    online: bool = True
    """Answers of every newer policy are read; otherwise all are of the first, and read at once."""
    helper: Helper = Helper.NOBODY

    @property
    def reads(self) -> bool:
        """Whether anybody reads an answer."""
        return self.reward is not Reward.GOLD


ARMS = {
    arm.name: arm
    for arm in (
        Arm("F", online=False),
        Arm("O"),
        Arm("O+A", helper=Helper.CURRENT),
        Arm("O+A0", helper=Helper.FIRST),
        Arm("O+shuffled", helper=Helper.SHUFFLED),
        Arm("O-votes", Reward.VOTES),
        Arm("O-both", Reward.BOTH),
        Arm("gold", Reward.GOLD, online=False),
    )
}
"""In O the guidance is marks alone; O-votes and O-both are O with votes alone, and with both."""
