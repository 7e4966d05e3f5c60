"""How fast the card multiplies matrices: what a model's speed is held against."""

import time
from statistics import median
from typing import NamedTuple

import torch

SECONDS = 2.0
FIRST = 20
SIDE, SIDE_ON_CPU = 8192, 1024


class MatrixRate(NamedTuple):
    """Floating-point operations a second, in square products of random matrices."""

    first: float
    """of the first products, before the card reaches its limit of power"""
    sustained: float
    """of the second half of some seconds: as long as a run of the benchmark"""


@torch.inference_mode()
def matrix_rate(device: torch.device, dtype: torch.dtype) -> MatrixRate:
    """Medians."""
    side = SIDE if device.type == "cuda" else SIDE_ON_CPU
    left, right = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    for _ in range(3):
        torch.mm(left, right)
    seconds: list[float] = []
    while sum(seconds) < SECONDS or len(seconds) < 2 * FIRST:
        _wait(device)
        started = time.perf_counter()
        torch.mm(left, right)
        _wait(device)
        seconds.append(time.perf_counter() - started)
    operations = 2 * side**3
    return MatrixRate(
        operations / median(seconds[:FIRST]), operations / median(seconds[len(seconds) // 2 :])
    )


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
