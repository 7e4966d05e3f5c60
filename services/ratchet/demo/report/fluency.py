"""Fluency: how likely a fixed language model finds an answer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


class FixedModel:
    """The packaged model as it is, which the loop never trains; it sees answers without prompts."""

    def __init__(self, folder: Path) -> None:
        model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self._model = model.eval()
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)

    def fluency(self, texts: Sequence[str]) -> list[float]:
        """Mean log-probability of each text's tokens, nats; that of an empty one is 0."""
        return [self._of(text) for text in texts]

    @torch.inference_mode()
    def _of(self, text: str) -> float:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False)
        if not ids:
            return 0.0
        logits_TV = self._model(torch.tensor([[self._tokenizer.bos_token_id, *ids]])).logits[0, :-1]
        targets_T = torch.tensor(ids)
        return -torch.nn.functional.cross_entropy(logits_TV, targets_T).item()
