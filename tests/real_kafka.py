"""The real Kafka of integration and chaos tests: one broker a session, own topics each test."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from ratchet.local.broker import Broker
from ratchet.local.cache import default_kafka_libs
from ratchet.process.config import KafkaSettings
from ratchet.stream.topics import ensure_topics


@pytest.fixture(scope="session")
def kafka_libs() -> Path:
    """Kafka's jars; a test without them fails, for a skipped test proves nothing."""
    libs = default_kafka_libs()
    if not any(libs.glob("kafka_*.jar")):
        pytest.fail(f"no Kafka jars in {libs}: run `make setup`, or set RATCHET_KAFKA_LIBS")
    return libs


@pytest.fixture(scope="session")
def broker(kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A running broker."""
    broker = Broker(kafka_libs, tmp_path_factory.mktemp("kafka"))
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


@pytest.fixture
def kafka(broker: Broker) -> KafkaSettings:
    """All topics, empty, and groups of the test's own."""
    return fresh_topics(broker)


def fresh_topics(broker: Broker) -> KafkaSettings:
    """Settings whose prefix nobody else has."""
    settings = KafkaSettings(
        bootstrap_servers=broker.bootstrap_servers, topic_prefix=f"t{uuid.uuid4().hex[:8]}-"
    )
    ensure_topics(settings)
    return settings
