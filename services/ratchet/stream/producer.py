"""Sending records."""

from typing import Any, TypeVar

from google.protobuf.message import Message
from kafka.errors import KafkaError

from ratchet.process.config import KafkaSettings
from ratchet.stream.connection import MAX_RECORD_BYTES, producer_client
from ratchet.stream.topics import Topic

M = TypeVar("M", bound=Message)


class DeliveryFailed(Exception):
    """A record was not acknowledged; after a timeout it may still arrive."""


class RecordTooLarge(DeliveryFailed):
    """A record is larger than 16 MiB: sending it again cannot help."""


class Delivery:
    """The acknowledgement of one record, to come."""

    def __init__(self, future: Any) -> None:
        """Takes the future of kafka-python."""
        self._future = future

    def wait(self, timeout_seconds: float = 30) -> int:
        """Waits until all replicas have the record, and returns its offset.

        Raises:
            DeliveryFailed: they do not, or not in time.
        """
        try:
            return self._future.get(timeout=timeout_seconds).offset
        except KafkaError as error:
            raise DeliveryFailed(str(error)) from error


class Producer:
    """Sends records, each at least once and in order; safe to share between threads."""

    def __init__(self, kafka: KafkaSettings, service: str) -> None:
        """Connects; raises BrokerUnreachable."""
        self._kafka = kafka
        self._producer = producer_client(kafka, service)

    def send(self, topic: Topic[M], key: str, value: M) -> Delivery:
        """Queues a record; it is safe once the delivery has been waited for.

        Raises:
            RecordTooLarge: it has more than 16 MiB.
            DeliveryFailed: it cannot even be queued.
        """
        name = self._kafka.topic_prefix + topic.name
        payload = serialize(topic, key, value)
        try:
            return Delivery(self._producer.send(name, key=key.encode(), value=payload))
        except KafkaError as error:
            raise DeliveryFailed(str(error)) from error

    def erase(self, topic: Topic[Any], key: str) -> Delivery:
        """Queues a tombstone: whoever reads a compacted topic anew meets no record of the key.

        Raises:
            ValueError: the topic keeps every record.
            DeliveryFailed: it cannot even be queued.
        """
        if topic.cleanup_policy != "compact":
            raise ValueError(f"{topic.name} is not compacted: nothing can be erased from it")
        try:
            return Delivery(
                self._producer.send(
                    self._kafka.topic_prefix + topic.name, key=key.encode(), value=None
                )
            )
        except KafkaError as error:
            raise DeliveryFailed(str(error)) from error

    def close(self, timeout_seconds: float = 10) -> None:
        """Sends what is queued, within bounds, and disconnects."""
        self._producer.close(timeout=timeout_seconds)


def serialize(topic: Topic[M], key: str, value: M) -> bytes:
    """The record's bytes.

    Raises:
        RecordTooLarge: they are more than 16 MiB.
        TypeError: the message is not the topic's.
    """
    if not isinstance(value, topic.message):
        raise TypeError(f"{topic.name} holds {topic.message.__name__}, not {type(value).__name__}")
    payload = value.SerializeToString()
    if len(payload) + len(key) > MAX_RECORD_BYTES:
        raise RecordTooLarge(f"{topic.name} {key}: {len(payload)} bytes are over the 16 MiB limit")
    return payload
