"""Taking records out of compacted topics for good.

A tombstone tells every reader that a key is gone; the record itself goes when the broker compacts
the log, which it does at its own time and never in the segment that is being written. Here it is
asked to do so now.
"""

import contextlib
import time
from collections.abc import Collection, Generator
from typing import Any

from kafka import TopicPartition  # pyright: ignore[reportAttributeAccessIssue]
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from ratchet.process.config import KafkaSettings
from ratchet.stream.connection import admin_client, consumer_client
from ratchet.stream.producer import Producer
from ratchet.stream.topics import Topic

AT_ONCE = {"segment.ms": "1", "min.cleanable.dirty.ratio": "0", "delete.retention.ms": "0"}
"""Of a topic, while it is compacted: every record ends a segment, every closed one is cleaned, and
tombstones go with the next cleaning."""

ROLL_KEY = "-"
"""Of a tombstone that erases nothing: its arrival closes the segment before it."""

ROLL_SECONDS = 5.0
POLL_SECONDS = 0.5


class NotErased(Exception):
    """Some records, or their keys, are still in the broker's log."""


def erase(
    kafka: KafkaSettings,
    topic: Topic[Any],
    keys: Collection[str],
    service: str,
    timeout_seconds: float,
) -> None:
    """Returns once neither the records nor their keys are read from the topic by anybody.

    What an earlier erasure has not waited for is waited for, too. A topic of an older release is
    made a compacted one. The files of the old segments are deleted by the broker after its
    `file.delete.delay.ms`, by default a minute.

    Raises:
        DeliveryFailed: a tombstone was not acknowledged.
        NotErased: the broker refuses to compact, or did not in time: the records may still be read.
            The tombstones are there, and doing it again goes on.
    """
    # A tombstone that was cleaned once stays as long as the topic said then; a new one does not.
    wanted = {key.encode() for key in keys}
    wanted |= _left(kafka, topic, wanted, service)
    if not wanted:
        return
    with contextlib.closing(Producer(kafka, service)) as producer:
        try:
            with _compacted_at_once(kafka, topic):
                for delivery in [producer.erase(topic, key.decode()) for key in wanted]:
                    delivery.wait()
                _wait_until_gone(kafka, topic, wanted, producer, service, timeout_seconds)
        except KafkaError as error:
            raise NotErased(f"{topic.name}: the broker does not compact it: {error}") from error


@contextlib.contextmanager
def _compacted_at_once(kafka: KafkaSettings, topic: Topic[Any]) -> Generator[None]:
    """The topic's own settings return afterwards; it stays compacted."""
    name = kafka.topic_prefix + topic.name
    admin = admin_client(kafka)
    try:
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name, None)])
        own: dict[str, Any] = found["topic"][name]
        before = {
            key: own[key]["value"]
            for key, value in AT_ONCE.items()
            # What an erasure that was killed has left is nobody's own.
            if key in own and own[key]["value"] != value
        }
        _set(admin, name, {"cleanup.policy": "compact", **AT_ONCE})
        try:
            yield
        finally:
            unset = {key: "" for key in AT_ONCE if key not in before}
            admin.reset_configs([ConfigResource(ConfigResourceType.TOPIC, name, unset)])
            if before:
                _set(admin, name, before)
    finally:
        admin.close()


def _set(admin: Any, name: str, configs: dict[str, str]) -> None:
    reply = admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs)])
    if (outcome := reply["topic"][name]) != "OK":
        raise NotErased(f"{name}: the broker does not change how it is kept: {outcome}")


def _wait_until_gone(
    kafka: KafkaSettings,
    topic: Topic[Any],
    wanted: Collection[bytes],
    producer: Producer,
    service: str,
    timeout_seconds: float,
) -> None:
    deadline = time.monotonic() + timeout_seconds
    while True:
        producer.erase(topic, ROLL_KEY).wait()
        rolled_at = time.monotonic()
        while time.monotonic() < rolled_at + ROLL_SECONDS:
            left = _left(kafka, topic, wanted, service)
            if not left:
                return
            if time.monotonic() > deadline:
                raise NotErased(
                    f"{topic.name}: {len(left)} keys are still in the broker's log after"
                    f" {timeout_seconds:g} s"
                )
            time.sleep(POLL_SECONDS)


def _left(
    kafka: KafkaSettings, topic: Topic[Any], wanted: Collection[bytes], service: str
) -> set[bytes]:
    """The keys that any record still has, of those that are meant and of all tombstones."""
    found: set[bytes] = set()
    consumer = consumer_client(kafka, service)
    try:
        name = kafka.topic_prefix + topic.name
        partitions = [
            TopicPartition(name, partition) for partition in consumer.partitions_for_topic(name)
        ]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        while any(consumer.position(each) < ends[each] for each in partitions):
            for records in consumer.poll(timeout_ms=500).values():
                found.update(r.key for r in records if r.value is None or r.key in wanted)
    finally:
        consumer.close(timeout_ms=5000)
    return found - {ROLL_KEY.encode()}
