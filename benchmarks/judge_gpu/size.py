"""Qwen3's architecture in several sizes, with a classification head and random weights."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForSequenceClassification,
)

WORDS, SPECIAL, PADDING = 49152, ("<unknown>", "<end>", "<padding>"), 2
"""Words of the tokenizer, by their ids: these three, which no conversation holds, then numbers."""

CHAT = "{% for m in messages %}{{ m['content'] }} {% endfor %}"


@dataclass(frozen=True)
class Size:
    """The shape of a decoder."""

    name: str
    layers: int
    hidden: int
    intermediate: int
    heads: int
    shared_heads: int
    head: int
    vocabulary: int = 151936

    @property
    def parameters(self) -> int:
        """Of all matrices but embeddings and the score's: what a token is multiplied by."""
        projections = 2 * self.hidden * self.head * (self.heads + self.shared_heads)
        return self.layers * (projections + 3 * self.hidden * self.intermediate)

    def flops(self, tokens: int) -> float:
        """Of one causal sequence: two for each parameter and token, and attention.

        A query sees half of the sequence; with a key it takes `2 * heads * head` for the logit, and
        as many for the value. What is saved in the last layer, where only the last token is read,
        counts as done.
        """
        attention = 2 * self.layers * self.heads * self.head * tokens**2
        return 2 * self.parameters * tokens + attention

    def build(self, device: torch.device, dtype: torch.dtype) -> Any:
        """The model with random weights, made where it will run."""
        config = Qwen3Config(
            vocab_size=self.vocabulary,
            hidden_size=self.hidden,
            intermediate_size=self.intermediate,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            num_key_value_heads=self.shared_heads,
            head_dim=self.head,
            max_position_embeddings=4096,
            tie_word_embeddings=True,
            pad_token_id=PADDING,
            num_labels=1,
        )
        torch.manual_seed(0)
        torch.set_default_dtype(dtype)
        try:
            with device:
                return Qwen3ForSequenceClassification(config)
        finally:
            torch.set_default_dtype(torch.float32)

    def save(self, folder: Path, device: torch.device, dtype: torch.dtype) -> None:
        """Writes such a model, and a tokenizer whose words are the token ids as numbers."""
        self.build(device, dtype).save_pretrained(folder)
        unknown, end, padding = SPECIAL
        words = {
            word: i for i, word in enumerate([*SPECIAL, *map(str, range(len(SPECIAL), WORDS))])
        }
        tokenizer = Tokenizer(models.WordLevel(words, unk_token=unknown))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        PreTrainedTokenizerFast(
            tokenizer_object=tokenizer,
            unk_token=unknown,
            eos_token=end,
            pad_token=padding,
            chat_template=CHAT,
        ).save_pretrained(folder)


SIZES = {
    size.name: size
    for size in (
        Size("0.6B", 28, 1024, 3072, 16, 8, 128),
        Size("1.7B", 28, 2048, 6144, 16, 8, 128),
        Size("8B", 36, 4096, 12288, 32, 8, 128),
        Size("tiny", 2, 64, 128, 4, 2, 16, WORDS),
    )
}
