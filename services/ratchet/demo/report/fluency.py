"""Fluency: how likely a fixed language model finds an answer."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

ROWS = 32
"""Texts of one forward pass."""


class FixedModel:
    """The packaged model as it is, which the loop never trains; it sees answers without prompts."""

    def __init__(self, folder: Path) -> None:
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self._model = model.eval().to(self._device)
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)

    def fluency(self, texts: Sequence[str]) -> list[float]:
        """Mean log-probability of each text's tokens, nats; that of an empty one is 0."""
        encoded = [self._tokenizer.encode(text, add_special_tokens=False) for text in texts]
        found = [0.0] * len(texts)
        # Texts of like length go together: nearly nothing is padded.
        not_empty = [i for i, ids in enumerate(encoded) if ids]
        order = iter(sorted(not_empty, key=lambda i: len(encoded[i])))
        while together := list(islice(order, ROWS)):
            means = self._means([encoded[i] for i in together])
            for i, mean in zip(together, means, strict=True):
                found[i] = mean
        return found

    @torch.inference_mode()
    def _means(self, rows: Sequence[list[int]]) -> list[float]:
        first = self._tokenizer.bos_token_id
        ids_BT = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor([first, *ids]) for ids in rows], batch_first=True
        ).to(self._device)
        # Padding comes behind, where no token of the text can see it.
        logits_NV = self._model(ids_BT[:, :-1]).logits.flatten(0, 1)
        targets_N = ids_BT[:, 1:].flatten()
        losses_N = torch.nn.functional.cross_entropy(logits_NV, targets_N, reduction="none")
        losses_BT = losses_N.view(len(rows), -1)
        return [
            -losses_T[: len(ids)].mean().item()
            for losses_T, ids in zip(losses_BT, rows, strict=True)
        ]
