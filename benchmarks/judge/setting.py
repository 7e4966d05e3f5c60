"""What all rows share: the model, the precision, how much is scored, where logs go."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.judge.contender import Contender
from benchmarks.judge.workload import Workload
from ratchet.policy.environment import policy_environment
from ratchet.process.hardware import fast_bfloat16
from ratchet.process.torch_environment import torch_environment

CHUNK_SINGLE, CHUNK_GROUP = 64, 8
"""Units of a run. Engines take turns often, so that a machine that slows down slows them all."""

VLLM_BATCH_TOKENS = 2048
"""Its best of 1024, 2048 and 4096."""

Calls = Literal["together", "one by one", "prompts known"]
"""How our engine is asked: in one call, or in one for each answer, of prompts new or known."""


@dataclass(frozen=True)
class Setting:
    """The settings of one benchmark."""

    model: Path
    logs: Path
    conversations: int
    groups: int
    batch_tokens: int

    @property
    def dtype(self) -> str:
        """The one in which this machine is fast, for all."""
        return "bfloat16" if fast_bfloat16() else "float32"

    def single(self, first: int = 0) -> list[Workload]:
        """The conversations, in runs."""
        return _chunks("single", first, self.conversations, CHUNK_SINGLE)

    def group(self) -> list[Workload]:
        """The groups, in runs."""
        return _chunks("group", 0, self.groups, CHUNK_GROUP)

    def ours(self, prefix_tokens: int | None = None, calls: Calls = "together") -> Contender:
        """Our engine, started, with its default prefix cache unless told otherwise."""
        kept = "" if prefix_tokens is None else str(prefix_tokens)
        arguments = [str(self.model), str(self.batch_tokens), kept, calls]
        return self._contender("ours", arguments, {**torch_environment(), **os.environ})

    def trunk(self) -> Contender:
        """The loop's own judge, started."""
        arguments = [str(self.model), str(self.batch_tokens)]
        return self._contender("ours_trunk", arguments, {**torch_environment(), **os.environ})

    def vllm(self, block_tokens: int) -> Contender:
        """vLLM, started, tuned: its threads bound, its layers compiled, tcmalloc where it is.

        Its prefix cache is in blocks of so many tokens; 0: none.
        """
        arguments = [str(self.model), self.dtype, str(VLLM_BATCH_TOKENS), str(block_tokens)]
        return self._contender("theirs_vllm", arguments, vllm_environment())

    def transformers(self) -> Contender:
        """transformers, started, in the environment that our engine has."""
        arguments = [str(self.model), self.dtype]
        environment = {**torch_environment(), **os.environ}
        return self._contender("theirs_transformers", arguments, environment)

    def transformers_trunk(self) -> Contender:
        """Transformers with the layers of the loop's own judge, in its environment."""
        environment = {**torch_environment(), **os.environ}
        return self._contender("theirs_trunk", [str(self.model)], environment)

    def _contender(
        self, module: str, arguments: list[str], environment: dict[str, str]
    ) -> Contender:
        log = self.logs / f"{'_'.join([module, *filter(None, arguments[2:])])}.log"
        return Contender(f"benchmarks.judge.{module}", arguments, environment, log)


def vllm_environment() -> dict[str, str]:
    """As the policy runs it here, but compiled and with threads that stay awake."""
    environment = {**os.environ, **policy_environment(), "VLLM_CPU_KVCACHE_SPACE": "2"}
    for name in ("TORCH_COMPILE_DISABLE", "KMP_BLOCKTIME"):
        environment.pop(name, None)
    return environment


def _chunks(kind: str, first: int, count: int, size: int) -> list[Workload]:
    return [Workload(kind, first + at, min(size, count - at)) for at in range(0, count, size)]
