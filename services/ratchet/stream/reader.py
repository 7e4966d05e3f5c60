"""Reading topics from offsets that the reader's owner keeps."""

from collections.abc import Mapping, Sequence
from typing import Any

from kafka import TopicPartition  # pyright: ignore[reportAttributeAccessIssue]

from ratchet.process.config import KafkaSettings
from ratchet.stream.connection import consumer_client
from ratchet.stream.fetch import Fetcher
from ratchet.stream.record import Record
from ratchet.stream.topics import Topic


class Reader:
    """Reads every partition of some topics, committed records only; not safe between threads."""

    def __init__(
        self,
        kafka: KafkaSettings,
        topics: Sequence[Topic[Any]],
        service: str,
        start: Mapping[tuple[str, int], int] | None,
    ) -> None:
        """Starts at the given offsets by (topic, partition); a partition not named, at its start.

        An offset whose record is gone (retention) moves to the oldest record there is.

        Raises:
            BrokerUnreachable: no broker answers.
            LookupError: a topic does not exist (see `ensure_topics`).
        """
        self._prefix = kafka.topic_prefix
        self._consumer = consumer_client(kafka, service)
        self._fetcher = Fetcher(kafka, topics, service, self._consumer)
        self._partitions = [
            TopicPartition(self._prefix + topic.name, partition)
            for topic in topics
            for partition in self._partitions_of(topic)
        ]
        self._consumer.assign(self._partitions)
        oldest = self._consumer.beginning_offsets(self._partitions)
        for partition in self._partitions:
            wanted = (start or {}).get(self._key(partition), 0)
            self._consumer.seek(partition, max(wanted, oldest[partition]))

    def poll(self, timeout_seconds: float, max_records: int | None = None) -> list[Record[Any]]:
        """The next records; what does not parse becomes a dead letter and is left out."""
        return self._fetcher.poll(timeout_seconds, max_records)

    def reject(self, record: Record[Any], reason: str) -> None:
        """Puts a record aside as a dead letter."""
        self._fetcher.reject(record, reason)

    def positions(self) -> dict[tuple[str, int], int]:
        """The next offset to read, by (topic, partition): what to start from another time."""
        return {self._key(each): self._consumer.position(each) for each in self._partitions}

    def caught_up(self) -> bool:
        """Whether everything committed up to this call was polled; asks the broker."""
        ends = self._consumer.end_offsets(self._partitions)
        return all(self._consumer.position(each) >= ends[each] for each in self._partitions)

    def close(self) -> None:
        """Disconnects."""
        self._fetcher.close()

    def _key(self, partition: Any) -> tuple[str, int]:
        return partition.topic.removeprefix(self._prefix), partition.partition

    def _partitions_of(self, topic: Topic[Any]) -> list[int]:
        found = self._consumer.partitions_for_topic(self._prefix + topic.name)
        if not found:
            raise LookupError(f"there is no topic {self._prefix}{topic.name}")
        return sorted(found)
