"""The model fills a JSON object in: of each criterion `true` or `false`, all else is given."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import track
from transformers import AutoModelForCausalLM, DynamicCache

from ratchet.demo.shop_standard import SENTENCES
from ratchet.reward.tokens import ChatTokenizer
from ratchet.v1.rollout_pb2 import RolloutGroup

TASK = (
    "You check the answers of a shop's customer support by these rules. Reply with a JSON object"
    " that says of each rule whether it is true.\n"
)


class GuidedJson:
    """What an engine with structured outputs would decode greedily, with the odds of each word.

    The words before are the model's own.
    """

    def __init__(self, folder: Path) -> None:
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self._model: Any = model.to(self._device)
        self._tokenizer = ChatTokenizer(folder)
        [self._true], [self._false] = (
            self._tokenizer.completion_ids(word, False) for word in (" true", " false")
        )

    @torch.no_grad()
    def broken(self, groups: Sequence[RolloutGroup]) -> np.ndarray:
        """Of every answer and criterion the log-odds of `false`, float [N, C]."""
        asked = [
            (group.prompt.messages[-1].content, completion.text)
            for group in groups
            for completion in group.completions
        ]
        return np.array([self._filled_in(*each) for each in track(asked, "filling in")])

    def _filled_in(self, asked: str, answer: str) -> list[float]:
        rules = "\n".join(f"{name}: {sentence}" for name, (_, sentence) in SENTENCES.items())
        ids = self._tokenizer.prompt_ids(
            [
                ("system", TASK + rules),
                ("user", f"A customer wrote: {asked}\n\nThe answer: {answer}"),
            ]
        )
        cache, odds = DynamicCache(), list[float]()
        begin = "{"
        for name in SENTENCES:
            ids = (*ids, *self._tokenizer.completion_ids(f'{begin}"{name}":', False))
            logits_V = self._next(ids, cache)
            odds.append(float(logits_V[self._false] - logits_V[self._true]))
            ids = (self._false if odds[-1] > 0 else self._true,)
            begin = ", "
        return odds

    def _next(self, ids: Sequence[int], cache: DynamicCache) -> torch.Tensor:
        tokens_1T = torch.tensor([ids], device=self._device)
        out = self._model(tokens_1T, past_key_values=cache, use_cache=True, logits_to_keep=1)
        return out.logits[0, -1]
