"""Contender: vLLM's pooling runner."""

import sys
import time
from typing import Any

import numpy as np
from vllm import LLM, PoolingParams

from benchmarks.judge.contender import compete
from benchmarks.judge.workload import Workload


def main(folder: str, dtype: Any, batch_tokens: int, block_tokens: int) -> None:
    """Scores until its input ends; each call begins with an empty prefix cache.

    Prompts are shared in blocks of `block_tokens`, by default 128 on the CPU; 0: not at all.
    """
    engine = LLM(
        folder,
        runner="pooling",
        dtype=dtype,
        enable_prefix_caching=block_tokens > 0,
        block_size=block_tokens or None,
        max_model_len=2048,
        max_num_batched_tokens=batch_tokens,
        max_num_seqs=256,
    )
    params = PoolingParams(task="classify", use_activation=False)

    def score(workload: Workload) -> tuple[float, np.ndarray]:
        prompts: Any = [{"prompt_token_ids": ids} for ids in workload.sequences()]
        engine.reset_prefix_cache()
        started = time.perf_counter()
        found = engine.encode(prompts, params, pooling_task="classify", use_tqdm=False)
        return time.perf_counter() - started, np.array([o.outputs.data.tolist() for o in found])

    compete(score)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
