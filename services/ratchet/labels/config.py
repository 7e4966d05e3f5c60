"""Which Kafka is meant, and which model."""

import argparse
import tomllib
from pathlib import Path

from pydantic import ConfigDict

from ratchet.local.endpoints import read_endpoints
from ratchet.local.state import StateDirectory
from ratchet.process.config import ConfigError, KafkaSettings, Settings, load_settings


class LabelsSettings(Settings):
    """The part of any service's settings that says how to reach Kafka."""

    model_config = ConfigDict(extra="ignore")

    kafka: KafkaSettings = KafkaSettings()


def kafka_settings(arguments: argparse.Namespace) -> KafkaSettings:
    """Of `--config` and the environment; `--kafka` wins; without both the system of `--state`.

    Raises:
        ConfigError: a setting is wrong, or nothing is named and nothing runs on the state folder.
    """
    kafka = _named(arguments)
    if "bootstrap_servers" in kafka.model_fields_set:
        return kafka
    state = StateDirectory(arguments.state)
    broker = read_endpoints(state.endpoints).get("kafka")
    if broker is None or not state.is_locked():
        raise ConfigError(f"{state.root}: nothing runs there; name Kafka: --kafka HOST:PORT")
    return kafka.model_copy(update={"bootstrap_servers": broker.address})


def model_folder(arguments: argparse.Namespace) -> Path:
    """`--model`; without it the first policy of the system, which its judge reads with.

    Raises:
        ConfigError: no model is there, or nothing says which one the system has.
    """
    folder: Path | None = arguments.model
    if folder is None:
        if "bootstrap_servers" in _named(arguments).model_fields_set:
            raise ConfigError("--model: has to be named where Kafka is: the one of its system")
        settings = StateDirectory(arguments.state).config / "learner.toml"
        if not settings.exists():
            raise ConfigError(f"--model: has to be named: {settings} is not there")
        folder = Path(tomllib.loads(settings.read_text())["base_model"])
    if not (folder / "config.json").exists():
        raise ConfigError(f"--model: {folder}: no model in Hugging Face layout is there")
    return folder


def _named(arguments: argparse.Namespace) -> KafkaSettings:
    kafka = load_settings(LabelsSettings, "labels", arguments.config).kafka
    address = arguments.kafka
    return kafka.model_copy(update={"bootstrap_servers": address}) if address else kafka
