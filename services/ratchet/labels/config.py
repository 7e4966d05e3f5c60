"""Which Kafka is meant, and which model."""

import argparse
import tomllib
from pathlib import Path

from ratchet.local.kafka_address import kafka_settings as kafka_of
from ratchet.local.kafka_address import named_kafka
from ratchet.local.state import StateDirectory
from ratchet.process.config import ConfigError, KafkaSettings

COMMAND = "labels"


def kafka_settings(arguments: argparse.Namespace) -> KafkaSettings:
    """The Kafka of `ratchet labels`; raises ConfigError."""
    return kafka_of(arguments, COMMAND)


def model_folder(arguments: argparse.Namespace) -> Path:
    """`--model`; without it the first policy of the system, which its judge reads with.

    Raises:
        ConfigError: no model is there, or nothing says which one the system has.
    """
    folder: Path | None = arguments.model
    if folder is None:
        if "bootstrap_servers" in named_kafka(arguments, COMMAND).model_fields_set:
            raise ConfigError("--model: has to be named where Kafka is: the one of its system")
        settings = StateDirectory(arguments.state).config / "learner.toml"
        if not settings.exists():
            raise ConfigError(f"--model: has to be named: {settings} is not there")
        folder = Path(tomllib.loads(settings.read_text())["base_model"])
    if not (folder / "config.json").exists():
        raise ConfigError(f"--model: {folder}: no model in Hugging Face layout is there")
    return folder
