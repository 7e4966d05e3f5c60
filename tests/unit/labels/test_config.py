"""Which Kafka a command reaches."""

import argparse
from pathlib import Path

import pytest

from ratchet.labels.config import kafka_settings, model_folder
from ratchet.local.endpoints import Endpoint, write_endpoints
from ratchet.local.state import StateDirectory
from ratchet.process.config import ConfigError


def asked(
    state: Path, kafka: str | None = None, config: Path | None = None, model: Path | None = None
) -> argparse.Namespace:
    return argparse.Namespace(state=state, kafka=kafka, config=config, model=model)


def test_the_system_of_the_state_folder_while_it_runs(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    write_endpoints(state.endpoints, {"kafka": Endpoint("127.0.0.1:1234", "", 1, True)})
    with state.locked():
        assert kafka_settings(asked(tmp_path)).bootstrap_servers == "127.0.0.1:1234"
    with pytest.raises(ConfigError, match="nothing runs there"):
        kafka_settings(asked(tmp_path))


def test_a_services_own_settings_are_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "feedback.toml"
    config.write_text('port = 1\n[kafka]\nbootstrap_servers = "k:1"\ntopic_prefix = "p-"\n')
    monkeypatch.setenv("RATCHET_LABELS__KAFKA__SASL_USERNAME", "ann")
    found = kafka_settings(asked(tmp_path, config=config))
    assert (found.bootstrap_servers, found.topic_prefix, found.sasl_username) == (
        "k:1",
        "p-",
        "ann",
    )
    named = kafka_settings(asked(tmp_path, "other:2", config))
    assert (named.bootstrap_servers, named.topic_prefix) == ("other:2", "p-")


def test_the_model_is_the_learners_of_the_state_folder_or_named(tmp_path: Path) -> None:
    model, state = tmp_path / "model", StateDirectory(tmp_path / "state")
    with pytest.raises(ConfigError, match=r"--model: has to be named: .*learner\.toml is no"):
        model_folder(asked(state.root))
    state.create()
    (state.config / "learner.toml").write_text(f'base_model = "{model}"')
    with pytest.raises(ConfigError, match=f"--model: {model}: no model in"):
        model_folder(asked(state.root))
    model.mkdir()
    (model / "config.json").touch()
    assert model_folder(asked(state.root)) == model
    config = tmp_path / "feedback.toml"
    config.write_text('[kafka]\nbootstrap_servers = "k:1"\n')
    for elsewhere in (asked(state.root, "k:1"), asked(state.root, config=config)):
        with pytest.raises(ConfigError, match="--model: has to be named where Kafka is"):
            model_folder(elsewhere)
    assert model_folder(asked(state.root, "k:1", model=model)) == model
