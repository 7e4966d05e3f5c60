"""The environment that vLLM needs from before the process starts. Light imports only."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ratchet.process.torch_environment import on_cpu

_TCMALLOC = "/usr/lib/{machine}-linux-gnu/libtcmalloc_minimal.so.4"


def vllm_environment(
    environ: Mapping[str, str] = os.environ, own: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Variables to add to `environ`, those of `own` too; empty where nothing is missing.

    What is set already is left as it is.
    """
    wanted = {
        "HF_HUB_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_LOGGING_LEVEL": "WARNING",
    }
    if on_cpu():
        wanted |= _cpu_environment(environ.get("LD_PRELOAD", ""))
    wanted |= own or {}
    return {
        name: value
        for name, value in wanted.items()
        if name not in environ or (name == "LD_PRELOAD" and environ[name] != value)
    }


def _cpu_environment(preloaded: str) -> dict[str, str]:
    cores = sorted(os.sched_getaffinity(0))
    wanted = {
        # One engine process that also computes, instead of a scheduler that spins on a
        # core while it waits for its worker. The threads are bound here instead.
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "VLLM_CPU_NUM_OF_RESERVED_CPU": "0",
        "VLLM_CPU_OMP_THREADS_BIND": ",".join(map(str, cores)),
        "OMP_NUM_THREADS": str(len(cores)),
        # Idle threads sleep after a millisecond: the other services want the cores.
        "KMP_BLOCKTIME": "1",
    }
    libraries = [library for library in _fast_libraries() if library.name not in preloaded]
    if libraries:
        wanted["LD_PRELOAD"] = ":".join([*map(str, libraries), *filter(None, [preloaded])])
    return wanted


def _fast_libraries() -> list[Path]:
    """Intel's OpenMP (a dependency of vllm-cpu) and tcmalloc, those that are there."""
    candidates = [
        Path(sys.prefix) / "lib" / "libiomp5.so",
        Path(_TCMALLOC.format(machine=os.uname().machine)),
    ]
    return [path for path in candidates if path.exists()]
