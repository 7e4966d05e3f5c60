"""What all readers share: polling a consumer, parsing, putting junk aside."""

from collections import deque
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
        # What was polled and is not handed out, for a letter could not be written.
        self._polled: deque[Any] = deque()
        self._parsed: list[Record[Any]] = []

    def poll(self, timeout_seconds: float, max_records: int | None) -> list[Record[Any]]:
        """The next records of every partition, in its order; junk becomes a dead letter.

        Raises:
            DeliveryFailed: a letter is not safe; the next call begins with its record.
        """
        if not self._polled:
            polled = self._consumer.poll(
                timeout_ms=round(timeout_seconds * 1000), max_records=max_records
            )
            self._polled.extend(raw for of_partition in polled.values() for raw in of_partition)
        while self._polled:
            self._parse(self._polled[0])
            self._polled.popleft()
        parsed, self._parsed = self._parsed, []
        return parsed

    def _parse(self, raw: Any) -> None:
        topic = self._topics[raw.topic]
        if raw.value is None and topic.cleanup_policy == "compact":
            return  # a tombstone: what it erased is not there to be read
        try:
            self._parsed.append(parse(topic, raw))
        except ValueError as error:
            key, value = raw.key or b"", raw.value or b""
            self._dead_letters.put(topic.name, raw.partition, raw.offset, key, value, str(error))

    def reject(self, record: Record[Any], reason: str) -> None:
        """Puts aside a record that parsed, but that its service cannot use."""
        self._dead_letters.put_record(record, reason)

    def close(self) -> None:
        """Disconnects."""
        self._consumer.close(timeout_ms=5000)
        self._dead_letters.close()
