"""The machine that a figure was measured on."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import torch

from ratchet.process.hardware import CPUINFO, cpu_has_bfloat16, processor


def machine() -> dict[str, Any]:
    """Processor, cores, memory, kernels' precision and versions; no name and no path."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    gpus = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 1024**3),
        "cpu_bfloat16": cpu_has_bfloat16(CPUINFO),
        "gpus": gpus,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
    }


def commit() -> str:
    """The checkout that this code lies in, with `-dirty` where files differ from it."""
    describe = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        done = subprocess.run(
            describe, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "unknown"
