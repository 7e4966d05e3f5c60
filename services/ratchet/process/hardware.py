"""What the machine can do, so that kernels are picked by facts."""

import platform
from functools import cache
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")


@cache
def cuda_available() -> bool:
    """Whether torch sees a CUDA device; imports torch on the first call."""
    import torch

    return torch.cuda.is_available()


@cache
def fast_bfloat16() -> bool:
    """Whether bfloat16 beats float32 here: CUDA, or a CPU with AVX512-BF16 or AMX-BF16."""
    return cpu_has_bfloat16(CPUINFO) or cuda_available()


def processor() -> str:
    """The CPU's name."""
    lines = CPUINFO.read_text(encoding="utf-8").splitlines() if CPUINFO.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def cpu_has_bfloat16(cpuinfo: Path) -> bool:
    """Whether the first `flags` line of a cpuinfo file names a bfloat16 unit."""
    if not cpuinfo.exists():
        return False
    for line in cpuinfo.read_text(encoding="utf-8").splitlines():
        if line.startswith("flags"):
            return not {"avx512_bf16", "amx_bf16"}.isdisjoint(line.split())
    return False
