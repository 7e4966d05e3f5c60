"""What all rows share: how long is measured, in which batches, against which rate."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from benchmarks.judge.workload import Workload
from benchmarks.judge_gpu.size import Size
from ratchet.process.hardware import fast_bfloat16

EXPECTED_SHARE = 0.5
"""Of the matrix rate; by it the work of a run is sized."""


@dataclass(frozen=True)
class Setting:
    """The settings of one benchmark."""

    folder: Path
    """for a model and logs"""
    sizes: tuple[Size, ...]
    lengths: tuple[int, ...]
    """of sequences, in tokens"""
    runs: int
    seconds: float
    """about, of one run"""
    batch_tokens: int
    clients: int
    rate: float
    """floating-point operations a second, as measured in matrix products"""

    @property
    def device(self) -> torch.device:
        """The GPU where there is one."""
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")

    @property
    def dtype(self) -> torch.dtype:
        """The precision that is fast here."""
        return torch.bfloat16 if fast_bfloat16() else torch.float32

    @cached_property
    def model(self) -> Path:
        """The first size, saved for a server and for peers."""
        folder = self.folder / "model"
        self.sizes[0].save(folder, self.device, self.dtype)
        return folder

    def work(self, size: Size, kind: str, tokens: int, length: int) -> Iterator[Workload]:
        """Workloads for the runs and one before them; `tokens` in each of their units."""
        fitting = EXPECTED_SHARE * self.seconds * self.rate / size.flops(tokens)
        count = max(round(fitting), 2 * self.clients)
        for run in range(self.runs + 1):
            yield Workload(kind, run * count, count, length)
