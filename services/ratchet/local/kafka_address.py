"""Which Kafka a command means."""

import argparse
from pathlib import Path

from pydantic import ConfigDict

from ratchet.local.arguments import add_state_argument
from ratchet.local.endpoints import read_endpoints
from ratchet.local.state import StateDirectory
from ratchet.process.config import ConfigError, KafkaSettings, Settings, load_settings


def add_kafka_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that `kafka_settings` reads."""
    group = parser.add_argument_group("Kafka")
    add_state_argument(parser)
    group.add_argument("--kafka", metavar="HOST:PORT[,...]", help="in place of the state folder's")
    group.add_argument(
        "--config", type=Path, metavar="TOML", help="a service's settings, for its [kafka]"
    )


class _AnyService(Settings):
    """The part of any service's settings that says how to reach Kafka."""

    model_config = ConfigDict(extra="ignore")

    kafka: KafkaSettings = KafkaSettings()


def kafka_settings(arguments: argparse.Namespace, command: str) -> KafkaSettings:
    """Of `--config` and the environment (`RATCHET_COMMAND__KAFKA__...`); `--kafka` wins.

    Without any of them it is the Kafka of the system of `--state`.

    Raises:
        ConfigError: a setting is wrong, or nothing is named and nothing runs on the state folder.
    """
    kafka = named_kafka(arguments, command)
    if "bootstrap_servers" in kafka.model_fields_set:
        return kafka
    state = StateDirectory(arguments.state)
    broker = read_endpoints(state.endpoints).get("kafka")
    if broker is None or not state.is_locked():
        raise ConfigError(f"{state.root}: nothing runs there; name Kafka: --kafka HOST:PORT")
    return kafka.model_copy(update={"bootstrap_servers": broker.address})


def named_kafka(arguments: argparse.Namespace, command: str) -> KafkaSettings:
    """What options and environment say; `bootstrap_servers` is unset where they name none."""
    kafka = load_settings(_AnyService, command, arguments.config).kafka
    address = arguments.kafka
    return kafka.model_copy(update={"bootstrap_servers": address}) if address else kafka
