"""The engine for reward models that is vLLM's: the only place in the judge that imports it.

It lives in a process of its own (`engine_process`), started with vLLM's environment.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from transformers import AutoConfig
from vllm import LLM, PoolingParams

from ratchet.process.hardware import cuda_available, fast_bfloat16
from ratchet.reward.classifier import compiler_found
from ratchet.reward.packing import TokenGroup

CPU_BATCH_TOKENS = 2048
"""The CPU's best of 1024, 2048 and 4096."""

BLOCK_TOKENS = 32
"""Prompts are shared in blocks of so many; the CPU's default, 128, is long for that."""

MAX_SEQUENCES = 256
_GIB = 1 << 30


class VllmClassifier:
    """A decoder with a head, by vLLM's pooling runner; a prompt's keys and values are kept.

    There is one engine for each model, so no model is ever answered with another's keys.
    """

    def __init__(
        self, folder: Path, context_tokens: int, compiled: bool, kv_cache_gib: float
    ) -> None:
        """Loads a folder, for sequences of up to `context_tokens` or the model's own context.

        Raises:
            Exception: of vLLM's many kinds, where it cannot serve the model.
            ValueError: vLLM does not read it as a decoder with a head.
        """
        text: Any = AutoConfig.from_pretrained(folder).get_text_config()
        cuda = cuda_available()
        self._engine = LLM(
            str(folder),
            runner="pooling",
            dtype="bfloat16" if fast_bfloat16() else "float32",
            enforce_eager=not (compiled and (cuda or compiler_found())),
            enable_prefix_caching=True,
            block_size=BLOCK_TOKENS,
            kv_cache_memory_bytes=int(kv_cache_gib * _GIB),
            max_model_len=min(context_tokens, text.max_position_embeddings),
            max_num_batched_tokens=None if cuda else CPU_BATCH_TOKENS,
            max_num_seqs=MAX_SEQUENCES,
        )
        model: Any = self._engine.model_config
        if "classify" not in self._engine.supported_tasks:
            raise ValueError(f"{model.architecture} has no head")
        if model.pooler_config.seq_pooling_type != "LAST":
            raise ValueError(f"{model.architecture} is not read at its last token")
        self._ask = PoolingParams(task="classify", use_activation=False)
        names: dict[int, str] = model.hf_config.id2label
        self.labels = tuple(names[i] for i in range(len(names)))
        self.vocabulary: int = text.vocab_size
        self.context_tokens: int = model.max_model_len

    def outputs(self, groups: Sequence[TokenGroup]) -> list[np.ndarray]:
        """One float32 array [n, L] of the model's L outputs for every group of n completions."""
        sequences: Any = [
            {"prompt_token_ids": [*group.prompt_ids, *ids]}
            for group in groups
            for ids in group.completion_ids
        ]
        found: Any = self._engine.encode(
            sequences, self._ask, pooling_task="classify", use_tqdm=False
        )
        outputs_NL = np.stack([each.outputs.data.float().numpy() for each in found])
        counts = np.cumsum([len(group.completion_ids) for group in groups])[:-1]
        return np.split(outputs_NL, counts)
