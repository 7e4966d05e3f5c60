"""What is erased is gone from the broker's log, and nobody reads it again."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka.admin import ConfigResource, ConfigResourceType
from tests.real_kafka import fresh_topics

from ratchet.cli import main
from ratchet.local.broker import Broker
from ratchet.process.config import KafkaSettings
from ratchet.stream.connection import admin_client
from ratchet.stream.producer import Producer
from ratchet.stream.snapshot import snapshot
from ratchet.stream.topics import AUDIT, DEAD_LETTERS, LABEL_REQUESTS, PREFERENCES
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.preference_pb2 import Comparison, Preference
from ratchet.v1.prompt_pb2 import Prompt

SECRET = "My-kettle-is-named-Rosebud"


@pytest.fixture(scope="module")
def own_broker(kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Its files are read, and its cleaner looks every half second, not every 15."""
    folder = tmp_path_factory.mktemp("kafka")
    broker = Broker(kafka_libs, folder)
    broker.folder = folder
    broker.start()
    kafka = KafkaSettings(bootstrap_servers=broker.bootstrap_servers)
    with closing(admin_client(kafka)) as admin:
        hurry = {"log.cleaner.backoff.ms": "500"}
        admin.alter_configs([ConfigResource(ConfigResourceType.BROKER, "1", hurry)])
    yield broker
    broker.stop()


@pytest.fixture
def kafka(own_broker: Broker) -> KafkaSettings:
    """Two people's labels of two prompts."""
    kafka = fresh_topics(own_broker)
    with closing(Producer(kafka, "test")) as producer:
        for number, words in enumerate((SECRET, "Hello!")):
            prompt = Prompt(
                prompt_id=f"order-{number}", messages=[Message(role="user", content=words)]
            )
            pair = Comparison(pair_id=f"g{number}/0-1", prompt=prompt)
            producer.send(LABEL_REQUESTS, pair.pair_id, pair).wait()
            for labeler in ("Ann-Erased", "Bob"):
                label = Preference(
                    submission_id=f"{labeler}-{number}", labeler=labeler, comparison=pair
                )
                producer.send(PREFERENCES, f"{pair.pair_id}/{labeler}", label).wait()
    return kafka


def run(kafka: KafkaSettings, folder: Path, *options: str) -> int:
    config = folder / "feedback.toml"
    config.write_text(
        f'[kafka]\nbootstrap_servers = "{kafka.bootstrap_servers}"\n'
        f'topic_prefix = "{kafka.topic_prefix}"\n'
    )
    return main(["erase", "--config", str(config), *options])


def labels(kafka: KafkaSettings) -> list[str]:
    """What a learner or a feedback service reads that starts anew."""
    return [record.value.submission_id for record in snapshot(kafka, PREFERENCES, "test")]


def files_with(broker: Broker, kafka: KafkaSettings, topic: str, words: str) -> list[Path]:
    """The broker's files of a topic; those that it has put aside to be deleted are not its log."""
    folder = broker.folder / "log" / f"{kafka.topic_prefix}{topic}-0"
    logs = [path for path in folder.iterdir() if path.suffix == ".log"]
    return [path for path in logs if words.encode() in path.read_bytes()]


def own_configs(kafka: KafkaSettings, topic: str) -> dict[str, str]:
    name = kafka.topic_prefix + topic
    with closing(admin_client(kafka)) as admin:
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name, None)])
    return {key: entry["value"] for key, entry in found["topic"][name].items()}


def test_a_persons_labels(
    kafka: KafkaSettings, own_broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(kafka, tmp_path, "--labeler", "Ann-Erased") == 0
    assert "2 labels, 0 pairs were found\nnothing was erased" in capsys.readouterr().out
    assert len(labels(kafka)) == 4
    assert files_with(own_broker, kafka, "preferences", "Ann-Erased")
    before = own_configs(kafka, "preferences")

    assert run(kafka, tmp_path, "--labeler", "Ann-Erased", "--yes") == 0
    assert labels(kafka) == ["Bob-0", "Bob-1"]
    assert not files_with(own_broker, kafka, "preferences", "Ann-Erased"), "nor in a key"
    assert files_with(own_broker, kafka, "preferences", SECRET), "Bob's label of it is there"
    assert own_configs(kafka, "preferences") == before
    [record] = snapshot(kafka, AUDIT, "test")
    assert (record.value.action, record.value.detail) == (
        "erase.labeler",
        "2 labels of one person",
    )
    assert snapshot(kafka, DEAD_LETTERS, "test") == [], "a tombstone is no junk"
    # What comes later is kept.
    with closing(Producer(kafka, "test")) as producer:
        late = Preference(submission_id="late", labeler="Ann-Erased")
        producer.send(PREFERENCES, "g9/Ann-Erased", late).wait()
    assert labels(kafka) == ["Bob-0", "Bob-1", "late"]


def test_a_prompt_with_all_that_was_said_of_it(
    kafka: KafkaSettings, own_broker: Broker, tmp_path: Path
) -> None:
    assert run(kafka, tmp_path, "--prompt-id", "order-0", "--yes") == 0
    assert labels(kafka) == ["Ann-Erased-1", "Bob-1"]
    assert [r.value.pair_id for r in snapshot(kafka, LABEL_REQUESTS, "test")] == ["g1/0-1"]
    for topic in ("preferences", "label-requests"):
        assert not files_with(own_broker, kafka, topic, SECRET)
    [record] = snapshot(kafka, AUDIT, "test")
    assert (record.value.action, record.value.detail) == ("erase.prompt", "order-0")


def test_where_the_topic_keeps_everything_it_is_made_one_that_can_forget(
    kafka: KafkaSettings, own_broker: Broker, tmp_path: Path
) -> None:
    """As those are that an older release made; and what a killed erasure has left is taken back."""
    name = f"{kafka.topic_prefix}preferences"
    old = {"cleanup.policy": "delete", "segment.ms": "1", "delete.retention.ms": "7777"}
    with closing(admin_client(kafka)) as admin:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, old)])
    assert run(kafka, tmp_path, "--labeler", "Ann-Erased", "--yes") == 0
    assert not files_with(own_broker, kafka, "preferences", "Ann-Erased")
    after = own_configs(kafka, "preferences")
    assert after["cleanup.policy"] == "compact"
    assert after["delete.retention.ms"] == "7777"
    assert "segment.ms" not in after


def test_a_broker_that_does_not_compact_in_time_is_told_and_asked_again(
    kafka: KafkaSettings, own_broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(kafka, tmp_path, "--labeler", "Ann-Erased", "--yes", "--wait", "0") == 1
    assert "2 keys are still in the broker's log after 0 s: do it again" in capsys.readouterr().err
    # Whatever is found by then, it is finished.
    assert run(kafka, tmp_path, "--labeler", "Ann-Erased", "--yes") == 0
    assert labels(kafka) == ["Bob-0", "Bob-1"]
    assert not files_with(own_broker, kafka, "preferences", "Ann-Erased")
