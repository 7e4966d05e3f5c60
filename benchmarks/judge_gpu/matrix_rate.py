"""How fast the card multiplies matrices: what a model's speed is held against."""

import time
from statistics import median

import torch

RUNS = 20
SIDE, SIDE_ON_CPU = 8192, 1024


@torch.inference_mode()
def matrix_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations a second: the median of square products of random matrices."""
    side = SIDE if device.type == "cuda" else SIDE_ON_CPU
    left, right = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    seconds: list[float] = []
    for _ in range(RUNS + 3):
        _wait(device)
        started = time.perf_counter()
        torch.mm(left, right)
        _wait(device)
        seconds.append(time.perf_counter() - started)
    return 2 * side**3 / median(seconds[3:])


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
