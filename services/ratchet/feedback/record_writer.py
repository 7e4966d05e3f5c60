"""Writes that an RPC waits for."""

import asyncio
from typing import TypeVar

from google.protobuf.message import Message

from ratchet.feedback import metrics
from ratchet.process.errors import Unavailable
from ratchet.process.failpoint import failpoint
from ratchet.stream.producer import DeliveryFailed, Producer
from ratchet.stream.topics import Topic

M = TypeVar("M", bound=Message)


class RecordWriter:
    """Awaits Kafka's word on every record; the blocking client runs in a thread."""

    def __init__(self, producer: Producer, delivery_seconds: float) -> None:
        self._producer = producer
        self._delivery_seconds = delivery_seconds

    async def write(self, topic: Topic[M], key: str, value: M) -> None:
        """Returns once Kafka has acknowledged; raises Unavailable where it is not known to have."""
        try:
            with metrics.DELIVERY_SECONDS.labels(topic.name).time():
                await asyncio.to_thread(self._send, topic, key, value)
        except DeliveryFailed as error:
            metrics.DELIVERY_FAILURES.labels(topic.name).inc()
            raise Unavailable(f"Kafka did not acknowledge the record: {error}") from error
        failpoint(f"feedback-after-{topic.name}")

    def _send(self, topic: Topic[M], key: str, value: M) -> None:
        self._producer.send(topic, key, value).wait(timeout_seconds=self._delivery_seconds)
