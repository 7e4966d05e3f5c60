"""A reward model to measure with: the default language model with a head of random weights."""

from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

OUTPUTS = 4


def make_reward_model(language_model: Path, folder: Path) -> None:
    """Writes it in Hugging Face layout, with four outputs."""
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(language_model, num_labels=OUTPUTS)
    torch.nn.init.normal_(model.score.weight, std=0.02)
    # One that no answer ends with: vLLM and transformers read the score before the padding.
    model.config.pad_token_id = 3
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(language_model).save_pretrained(folder)
