"""The environment that computing with PyTorch needs from before the process starts."""

import os
from collections.abc import Mapping
from pathlib import Path


def torch_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables to add to `environ`; what is set already is left as it is.

    The supervisor adds them when it starts a service; `python -m ratchet.judge` starts itself again
    with them.
    """
    wanted = {
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
    }
    if on_cpu():
        wanted |= {
            "OMP_NUM_THREADS": str(len(os.sched_getaffinity(0))),
            # Threads that wait sleep: the next holder of the compute lease wants the cores.
            "OMP_WAIT_POLICY": "PASSIVE",
            # Large tensors come from kept huge pages, not from fresh ones each time: a training
            # pass takes two thirds of the time, scoring three quarters.
            "THP_MEM_ALLOC_ENABLE": "1",
            "GLIBC_TUNABLES": "glibc.malloc.mmap_max=0"
            ":glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=4294967296",
        }
    return {name: value for name, value in wanted.items() if name not in environ}


def on_cpu() -> bool:
    """Whether the services share the CPU, and so take turns."""
    return not Path("/dev/nvidiactl").exists()
