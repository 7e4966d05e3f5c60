"""What all readers share: polling a consumer, parsing, putting junk aside."""

from collections.abc import Sequence
from typing import Any

from ratchet.process.config import KafkaSettings
from ratchet.stream.dead_letter import DeadLetters
from ratchet.stream.record import Record, parse
from ratchet.stream.topics import Topic


class Fetcher:
    """Turns what a kafka-python consumer polls into records; not safe between threads."""

    def __init__(
        self, kafka: KafkaSettings, topics: Sequence[Topic[Any]], service: str, consumer: Any
    ) -> None:
        """Takes a consumer that is subscribed or assigned to the topics, and owns it."""
        self._topics = {kafka.topic_prefix + topic.name: topic for topic in topics}
        self._consumer = consumer
        self._dead_letters = DeadLetters(kafka, service)

    def poll(self, timeout_seconds: float, max_records: int | None) -> list[Record[Any]]:
        """The next records of every partition, in its order; junk becomes a dead letter."""
        polled = self._consumer.poll(
            timeout_ms=round(timeout_seconds * 1000), max_records=max_records
        )
        records: list[Record[Any]] = []
        for partition, raw_records in polled.items():
            topic = self._topics[partition.topic]
            for raw in raw_records:
                try:
                    records.append(parse(topic, raw))
                except ValueError as error:
                    self._dead_letters.put(
                        topic.name,
                        raw.partition,
                        raw.offset,
                        raw.key or b"",
                        raw.value or b"",
                        str(error),
                    )
        return records

    def reject(self, record: Record[Any], reason: str) -> None:
        """Puts aside a record that parsed, but that its service cannot use."""
        self._dead_letters.put_record(record, reason)

    def close(self) -> None:
        """Disconnects."""
        self._consumer.close(timeout_ms=5000)
        self._dead_letters.close()
