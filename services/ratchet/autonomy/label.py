"""One label as evidence on a judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CHOICES = (0.0, 0.5, 1.0)


@dataclass(frozen=True)
class Label:
    """What people said of a pair of answers, and what the judge and the floors had to say.

    A choice is 1 for A, 0 for B and 0.5 for neither.
    """

    vote: float
    probability: float
    """The judge's, that A is the better answer; its choice is the likelier side."""
    at_random: bool
    """Whether the pair was picked without a look at its answers: no other label proves anything."""
    flipped: bool = False
    """Whether the judge chose the other answer once A and B were swapped."""
    floors: Mapping[str, float] = field(default_factory=dict[str, float])
    """The choice of each floor: "longer", "shorter", "tfidf"."""

    def __post_init__(self) -> None:
        for name, choice in {"vote": self.vote, **self.floors}.items():
            if choice not in CHOICES:
                raise ValueError(f"{name}: {choice} is none of {CHOICES}")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability: {self.probability} is not between 0 and 1")

    @property
    def confidence(self) -> float:
        """The probability that the judge gives to its own choice, 0.5 to 1."""
        return max(self.probability, 1 - self.probability)

    @property
    def agreed(self) -> float:
        """1 where the judge agrees with people, 0 where not, 0.5 where either is undecided."""
        return agreement((self.probability > 0.5) + 0.5 * (self.probability == 0.5), self.vote)

    def lead(self, floor: str) -> float:
        """By how much the judge agreed more than the floor did: -1 to 1."""
        return self.agreed - agreement(self.floors[floor], self.vote)


def agreement(choice: float, vote: float) -> float:
    """1 where both chose the same side, 0 where opposite ones, 0.5 where either is undecided."""
    return 0.5 if 0.5 in (choice, vote) else 1 - abs(choice - vote)
