"""Records that cannot be used: put aside with the reason, never in the way of others."""

import logging
from typing import Any

from prometheus_client import Counter

from ratchet.process.config import KafkaSettings
from ratchet.stream.producer import Producer
from ratchet.stream.record import Record
from ratchet.stream.topics import DEAD_LETTERS
from ratchet.v1.dead_letter_pb2 import DeadLetter

# The letter of a record of the largest size must itself fit into a record.
KEPT_BYTES = 1024 * 1024

DEAD_LETTERS_TOTAL = Counter(
    "ratchet_stream_dead_letters_total", "Records that a reader could not use.", ["topic"]
)

log = logging.getLogger(__name__)


class DeadLetters:
    """Writes to the topic `dead-letters`; a letter may come twice after a crash, under one key."""

    def __init__(self, kafka: KafkaSettings, service: str) -> None:
        """Connects only when the first letter is written, for most readers never write one."""
        self._kafka = kafka
        self._service = service
        self._producer: Producer | None = None

    def put_record(self, record: Record[Any], reason: str) -> None:
        """Puts a record aside that parsed, but makes no sense."""
        self.put(
            record.topic,
            record.partition,
            record.offset,
            record.key.encode(),
            record.value.SerializeToString(),
            reason,
        )

    def put(
        self, topic: str, partition: int, offset: int, key: bytes, value: bytes, reason: str
    ) -> None:
        """Writes a letter and waits for it; a value above 1 MiB is cut.

        Raises:
            DeliveryFailed: the letter is not safe, so the reader must not go on.
        """
        log.warning("dead letter: %s/%d/%d: %s", topic, partition, offset, reason)
        if len(value) > KEPT_BYTES:
            reason = f"{reason} (value cut from {len(value)} bytes)"
        letter = DeadLetter(
            topic=topic,
            partition=partition,
            offset=offset,
            key=key[:KEPT_BYTES],
            value=value[:KEPT_BYTES],
            reason=reason,
            service=self._service,
        )
        if self._producer is None:
            self._producer = Producer(self._kafka, self._service)
        self._producer.send(DEAD_LETTERS, f"{topic}/{partition}/{offset}", letter).wait()
        DEAD_LETTERS_TOTAL.labels(topic).inc()

    def close(self) -> None:
        """Disconnects."""
        if self._producer is not None:
            self._producer.close()
