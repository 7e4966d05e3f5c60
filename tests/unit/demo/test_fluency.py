"""Fluency: the mean log-probability of a text's own tokens, whatever it is read together with."""

from pathlib import Path

import pytest
import torch
from tests.unit.reward.tiny_chat import save_tiny_chat_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from ratchet.demo.report.fluency import ROWS, FixedModel


def test_a_text_is_as_fluent_alone_as_among_others(tmp_path: Path) -> None:
    folder = save_tiny_chat_model(tmp_path)
    texts = ["", *("abc" * i + "!" for i in range(ROWS + 3)), ""]
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)

    def alone(text: str) -> float:
        ids = tokenizer.encode(text)
        logprobs_TV = model(torch.tensor([[tokenizer.bos_token_id, *ids]])).logits[0].log_softmax(1)
        return sum(logprobs_TV[t, i].item() for t, i in enumerate(ids)) / max(len(ids), 1)

    assert FixedModel(folder).fluency(texts) == pytest.approx([*map(alone, texts)], abs=1e-4)
