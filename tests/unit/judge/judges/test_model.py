"""Reward models that cannot be served by the engine that was asked for."""

import importlib.util
from pathlib import Path

import pytest
from tests.chaos.rollouts import tiny_trunk
from tests.unit.judge.test_engine_process import ENVIRONMENT
from tests.unit.reward.tiny import save_tiny_reward_model
from transformers import AutoConfig, BertConfig, BertForSequenceClassification

from ratchet.judge.judges.model import load_reward_model
from ratchet.judge.judges.settings import ModelSettings
from ratchet.process.config import ConfigError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    return save_tiny_reward_model(tmp_path / "reward", tiny_trunk(tmp_path / "trunk"))


def by_vllm(folder: Path) -> ModelSettings:
    return ModelSettings(kind="model", folder=folder, engine="vllm")


def test_where_vllm_is_not_installed_the_setting_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"^judges\.mine\.engine: .*vLLM is not installed"):
        load_reward_model("mine", by_vllm(folder), 128)


def test_what_vllm_must_not_be_given_is_refused_with_the_reason(folder: Path) -> None:
    vocabulary = AutoConfig.from_pretrained(folder).vocab_size
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    with pytest.raises(ConfigError, match=r"^judges\.mine\.engine: vllm: .*is no decoder"):
        load_reward_model("mine", by_vllm(folder), 128)


def test_an_output_that_the_model_does_not_have_is_refused(folder: Path) -> None:
    settings = ModelSettings(kind="model", folder=folder, output=2, compiled=False)
    with pytest.raises(ConfigError, match=r"^judges\.mine: output: the model has 2 outputs"):
        load_reward_model("mine", settings, 128)
