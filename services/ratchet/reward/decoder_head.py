"""Whether a folder holds a decoder with a trained head, told without reading its weights."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers import AutoConfig, AutoModelForSequenceClassification


def check_decoder_with_head(folder: Path) -> None:
    """For engines that would take anything, and score by weights that were never trained.

    Raises:
        OSError: there are no weights in safetensors.
        ValueError: it is no model's folder, or no decoder's, or the head's weights are missing.
    """
    config = AutoConfig.from_pretrained(folder)
    with torch.device("meta"):
        model: Any = AutoModelForSequenceClassification.from_config(config)
    if not (hasattr(model, "score") and hasattr(model.base_model, "layers")):
        raise ValueError(f"{type(model).__name__} is no decoder, which is read at its last token")
    inner = f"{model.base_model_prefix}."
    head = {name for name in model.state_dict() if not name.startswith(inner)}
    if missing := sorted(head - _tensor_names(folder)):
        raise ValueError(f"weights are missing, such as {missing[0]}: no reward model")


def _tensor_names(folder: Path) -> set[str]:
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        return set(json.loads(index.read_text(encoding="utf-8"))["weight_map"])
    with safe_open(folder / "model.safetensors", framework="np") as file:
        return set(file.keys())
