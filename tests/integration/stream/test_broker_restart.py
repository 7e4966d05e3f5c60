from collections.abc import Iterator
from pathlib import Path

import pytest

from ratchet.local.broker import Broker
from ratchet.process.config import KafkaSettings
from ratchet.stream import processor as processor_module
from ratchet.stream.processor import OutcomeUnknown, TransactionalProcessor
from ratchet.stream.producer import Producer
from ratchet.stream.reader import Reader
from ratchet.stream.topics import PROMPTS, ROLLOUTS, ensure_topics
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import RolloutGroup


@pytest.fixture
def own_broker(kafka_libs: Path, tmp_path: Path) -> Iterator[Broker]:
    """A broker that the test may kill."""
    broker = Broker(kafka_libs, tmp_path)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def read(reader: Reader, count: int) -> list[str]:
    keys: list[str] = []
    while len(keys) < count:
        keys += [each.key for each in reader.poll(1.0)]
    return keys


def test_a_killed_broker_loses_nothing_and_its_clients_go_on(
    own_broker: Broker, monkeypatch: pytest.MonkeyPatch
):
    kafka = KafkaSettings(bootstrap_servers=own_broker.bootstrap_servers)
    ensure_topics(kafka)
    producer = Producer(kafka, "test")
    producer.send(PROMPTS, "a", Prompt(prompt_id="a")).wait()
    reader = Reader(kafka, [PROMPTS], "test", None)
    assert read(reader, 1) == ["a"]
    processor = TransactionalProcessor(kafka, PROMPTS, ROLLOUTS, "judge", "judge", "judge-0")
    while not processor.poll(1.0):
        pass

    own_broker.kill()
    delivery = producer.send(PROMPTS, "b", Prompt(prompt_id="b"))
    monkeypatch.setattr(processor_module, "COMMIT_SECONDS", 1.0)
    with pytest.raises(OutcomeUnknown, match="not committed within 1 s"):
        processor.commit([("a", RolloutGroup(group_id="a"))])

    own_broker.start()
    delivery.wait(120)
    assert read(reader, 1) == ["b"]
    reader.close()
    producer.close()
    reader = Reader(kafka, [PROMPTS], "test", None)
    assert read(reader, 2) == ["a", "b"]
    reader.close()
