"""How the critic is fitted, and how much it is asked."""

from pydantic import PositiveInt

from ratchet.process.config import Settings


class CriticSettings(Settings):
    """Settings of the critic, which points people at what an answer may break."""

    enabled: bool = False
    """whether there is one; off by default: what it is worth in the loop has not been measured"""
    first_marks: PositiveInt = 80
    """marked answers outside the hold-out before the first fit"""
    refit_marks: PositiveInt = 40
    """newly marked answers after which it is fitted again"""
    fit_every: PositiveInt = 1
    """versions of the policy after which it is fitted again, to read from the newest"""
    newest_marks: PositiveInt = 480
    """marked answers that a fit reads, the newest; each costs a pass of the policy"""
    groups_per_fit: PositiveInt = 8
    """groups that a critic critiques before it is fitted again, at most"""
