"""What the judge asks of a scoring engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ratchet.judge.versions import JudgeVersion
from ratchet.reward.heads import Scores
from ratchet.reward.packing import TokenGroup


@dataclass(frozen=True)
class Limits:
    """What an engine can take."""

    context_tokens: int
    """Longest prompt with one completion."""
    vocabulary: int
    """Token ids lie below."""


class Engine(Protocol):
    """Loads versions and scores with them; every method blocks.

    A loaded version is a value: several may be in use at once, and one is freed when the last batch
    that holds it is done. So a swap of versions drops nothing and waits for nothing.
    """

    @property
    def limits(self) -> Limits:
        """What this engine can take."""
        ...

    @property
    def trunk_sha256(self) -> str:
        """Digest of the trunk that versions must have been fitted on."""
        ...

    def load(self, folder: Path, number: int) -> JudgeVersion:
        """Reads a version's folder. Raises ValueError where its heads cannot score."""
        ...

    def score(self, version: JudgeVersion, groups: Sequence[TokenGroup]) -> list[Scores]:
        """Scores of every group's completions. The ids must be within the limits."""
        ...
