"""The environment that the policy needs from before the process starts. Light imports only."""

import os
from collections.abc import Mapping

from ratchet.process.torch_environment import on_cpu
from ratchet.process.vllm_environment import vllm_environment


def policy_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables to add to `environ` for the policy's process; empty where nothing is missing.

    What is set already is left as it is. The supervisor adds them when it starts the service;
    `python -m ratchet.policy` starts itself again with them.
    """
    # The only compiled function left without a GPU counts ranks that nobody reads:
    # compiling it costs the first request 20 s and a C++ compiler.
    return vllm_environment(environ, {"TORCH_COMPILE_DISABLE": "1"} if on_cpu() else {})
