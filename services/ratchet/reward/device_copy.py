"""Copies between the CPU and a model's device that nobody waits for."""

from collections.abc import Callable

import numpy as np
import torch


def copied_to(device: torch.device, numbers: torch.Tensor) -> torch.Tensor:
    """What was on the CPU, on a device; what the device does next finds it there."""
    if device.type == "cpu":
        return numbers
    # From pageable memory a copy would wait for all that the device does now. Torch's allocator of
    # pinned memory gives this away again only after the copy.
    return numbers.pin_memory().to(device, non_blocking=True)


def copied_to_cpu(found: torch.Tensor) -> Callable[[], np.ndarray]:
    """Waits for what the device has been given to do, and gives the numbers."""
    if found.device.type == "cpu":
        return found.numpy
    on_cpu = torch.empty(found.shape, dtype=found.dtype, pin_memory=True)
    on_cpu.copy_(found, non_blocking=True)
    done = torch.cuda.Event()
    done.record()

    def read() -> np.ndarray:
        done.synchronize()
        return on_cpu.numpy().copy()

    return read
