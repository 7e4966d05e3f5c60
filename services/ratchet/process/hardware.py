"""What the machine can do, so that kernels are picked by facts."""

from functools import cache
from pathlib import Path


@cache
def cuda_available() -> bool:
    """Whether torch sees a CUDA device; imports torch on the first call."""
    import torch

    return torch.cuda.is_available()


@cache
def fast_bfloat16() -> bool:
    """Whether bfloat16 beats float32 here: CUDA, or a CPU with AVX512-BF16 or AMX-BF16."""
    return cpu_has_bfloat16(Path("/proc/cpuinfo")) or cuda_available()


def cpu_has_bfloat16(cpuinfo: Path) -> bool:
    """Whether the first `flags` line of a cpuinfo file names a bfloat16 unit."""
    if not cpuinfo.exists():
        return False
    for line in cpuinfo.read_text(encoding="utf-8").splitlines():
        if line.startswith("flags"):
            return not {"avx512_bf16", "amx_bf16"}.isdisjoint(line.split())
    return False
