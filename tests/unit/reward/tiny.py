"""A random Llama small enough for unit tests."""

from pathlib import Path

import torch
from transformers import (
    AutoTokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    LlamaForSequenceClassification,
)

VOCABULARY = 61


def save_tiny_llama(
    folder: Path, seed: int = 0, layers: int = 3, vocabulary: int = VOCABULARY
) -> Path:
    """Writes a Llama with random weights in Hugging Face layout; returns the folder."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=24,
        intermediate_size=48,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        tie_word_embeddings=True,
        pad_token_id=0,
        initializer_range=0.3,
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    return folder


def save_tiny_reward_model(folder: Path, tokenizer_folder: Path, head_dim: int = 8) -> Path:
    """Writes a random Llama with two labels and the tokenizer of another folder.

    vLLM has no attention kernel for a `head_dim` below 32.
    """
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=2 * head_dim,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=256,
        pad_token_id=0,
        num_labels=2,
        initializer_range=0.3,
    )
    LlamaForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
