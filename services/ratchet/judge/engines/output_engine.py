"""What the judge asks of an engine for reward models: `[judges.NAME] kind = "model"`."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from ratchet.reward.packing import TokenGroup


class OutputEngine(Protocol):
    """One loaded model; `reward.classifier.Classifier` is the torch one."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the model's L outputs."""
        ...

    @property
    def vocabulary(self) -> int:
        """Token ids lie below."""
        ...

    @property
    def context_tokens(self) -> int:
        """Longest prompt with one completion."""
        ...

    def outputs(self, groups: Sequence[TokenGroup]) -> list[np.ndarray]:
        """One float32 array [n, L] for every group of n completions; blocks.

        The ids must be within the limits.
        """
        ...


class PipelinedEngine(OutputEngine, Protocol):
    """One that may begin a pass before it is asked for the outputs of the last."""

    @property
    def begins_ahead(self) -> bool:
        """Whether `begin` returns while its pass still runs."""
        ...

    def begin(self, groups: Sequence[TokenGroup]) -> Callable[[], list[np.ndarray]]:
        """Starts a pass; what it returns waits for the outputs.

        Passes end in the order in which they begin.
        """
        ...
