"""Which Kafka is meant."""

import argparse

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
    kafka = load_settings(LabelsSettings, "labels", arguments.config).kafka
    address = arguments.kafka
    if not address and "bootstrap_servers" in kafka.model_fields_set:
        return kafka
    if not address:
        state = StateDirectory(arguments.state)
        broker = read_endpoints(state.endpoints).get("kafka")
        if broker is None or not state.is_locked():
            raise ConfigError(f"{state.root}: nothing runs there; name Kafka: --kafka HOST:PORT")
        address = broker.address
    return kafka.model_copy(update={"bootstrap_servers": address})
