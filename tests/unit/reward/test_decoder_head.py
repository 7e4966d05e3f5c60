"""What an engine that takes anything must not be given."""

from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file
from tests.unit.reward.test_classifier import save_llama
from transformers import (
    AutoModelForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
)

from ratchet.reward.decoder_head import check_decoder_with_head


@pytest.mark.parametrize("shard", ["5GB", "20KB"])
def test_a_decoder_with_its_head_passes(tmp_path: Path, shard: str) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(save_llama(tmp_path / "whole"))
    model.save_pretrained(tmp_path / "saved", max_shard_size=shard)
    assert (tmp_path / "saved" / "model.safetensors").exists() == (shard == "5GB")
    check_decoder_with_head(tmp_path / "saved")


def test_a_head_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = save_llama(tmp_path) / "model.safetensors"
    tensors = load_file(file)
    del tensors["score.weight"]
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(ValueError, match=r"missing, such as score\.weight"):
        check_decoder_with_head(tmp_path)


def test_an_encoder_is_refused(tmp_path: Path) -> None:
    config = BertConfig(
        vocab_size=97,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="BertForSequenceClassification is no decoder"):
        check_decoder_with_head(tmp_path)


def test_weights_in_no_safetensors_file_are_an_os_error(tmp_path: Path) -> None:
    save_llama(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(OSError, match=r"model\.safetensors"):
        check_decoder_with_head(tmp_path)
