"""One labeler, as a judge version knows people."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Labeler:
    """How far a labeler is to be trusted, and what it was told by."""

    name: str
    readings: int
    repeated: int
    """Of these, answers that another labeler has read too."""
    kappa: float | None
    """Cohen's kappa with the others on those, over all criteria; None where it says nothing."""
    weight: float
    """What a mark or a vote counts, 0 to 1."""
