"""The judge's trunk: a frozen language model whose hidden states describe an answer."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModel

from ratchet.reward.packing import Packed, TokenGroup, pack

DEPTH_SHARES = (1 / 3, 2 / 3, 1.0)
"""Depths, as shares of the layers, whose hidden states are read (layers 10, 20, 30 of 30)."""

ROW_TOKENS = 4096
"""Tokens, padding included, of one forward pass."""


class Trunk:
    """Features of answers from a folder in Hugging Face layout, which never changes.

    Of every answer: mean and maximum over its tokens of the hidden states at three depths, the last
    token's final state, and the logarithm of its length; F = 7 * hidden size + 1.
    """

    def __init__(self, folder: Path) -> None:
        self._model: Any = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        config: Any = self._model.config
        self._depths: list[int] = [
            round(config.num_hidden_layers * share) for share in DEPTH_SHARES
        ]
        self._pad_id: int = config.pad_token_id or 0
        self.vocabulary: int = config.vocab_size
        self.context_tokens: int = config.max_position_embeddings
        self.feature_size: int = 7 * config.hidden_size + 1
        with (folder / "model.safetensors").open("rb") as file:
            self.sha256: str = hashlib.file_digest(file, "sha256").hexdigest()

    def features(self, groups: Sequence[TokenGroup]) -> list[np.ndarray]:
        """One float32 array [n, F] for every group of n completions."""
        # Rows of like length go together, so that little is spent on padding.
        order = sorted(range(len(groups)), key=lambda i: groups[i].length)
        found: dict[int, np.ndarray] = {}
        while order:
            batch = [order.pop()]
            width = groups[batch[0]].length
            while order and width * (len(batch) + 1) <= ROW_TOKENS:
                batch.append(order.pop())
            found.update(zip(batch, self._batch([groups[i] for i in batch]), strict=True))
        return [found[i] for i in range(len(groups))]

    @torch.inference_mode()
    def _batch(self, groups: Sequence[TokenGroup]) -> list[np.ndarray]:
        packed = pack(groups, self._pad_id)
        states = self._hidden_states(packed)
        rows = [
            _describe([state_BTH[row, start:end] for state_BTH in states])
            for row, start, end in packed.completions
        ]
        counts = np.cumsum([len(group.completion_ids) for group in groups])[:-1]
        return np.split(np.stack(rows), counts)

    def _hidden_states(self, packed: Packed) -> list[torch.Tensor]:
        output = self._model(
            input_ids=packed.token_ids_BT,
            position_ids=packed.position_ids_BT,
            attention_mask=packed.attention_mask_B1TT,
            output_hidden_states=True,
            use_cache=False,
        )
        return [output.hidden_states[depth] for depth in self._depths]


def _describe(states_TH: Sequence[torch.Tensor]) -> np.ndarray:
    parts = [part for state in states_TH for part in (state.mean(0), state.amax(0))]
    length = torch.tensor([float(np.log(len(states_TH[0])))])
    return torch.cat([*parts, states_TH[-1][-1], length]).numpy()
