"""Reading a topic in a group whose offsets Kafka keeps."""

import logging
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message
from kafka import OffsetAndMetadata, TopicPartition  # pyright: ignore[reportAttributeAccessIssue]
from kafka.errors import KafkaError

from ratchet.process.config import KafkaSettings
from ratchet.stream.connection import consumer_client, group_options
from ratchet.stream.fetch import Fetcher
from ratchet.stream.record import Record
from ratchet.stream.topics import Topic

M = TypeVar("M", bound=Message)

log = logging.getLogger(__name__)


class GroupReader(Generic[M]):
    """Reads a share of a topic's partitions, each record at least once; not thread-safe."""

    def __init__(self, kafka: KafkaSettings, topic: Topic[M], group: str, service: str) -> None:
        """Joins the group with the first poll; raises BrokerUnreachable."""
        self._name = kafka.topic_prefix + topic.name
        self._consumer = consumer_client(kafka, service, **group_options(kafka, group))
        self._consumer.subscribe([self._name])
        self._fetcher = Fetcher(kafka, [topic], service, self._consumer)

    def poll(self, timeout_seconds: float, max_records: int | None = None) -> list[Record[M]]:
        """The next records; what does not parse becomes a dead letter and is left out."""
        return self._fetcher.poll(timeout_seconds, max_records)

    def reject(self, record: Record[M], reason: str) -> None:
        """Puts a record aside as a dead letter."""
        self._fetcher.reject(record, reason)

    def commit(self, partition: int, next_offset: int) -> bool:
        """Stores the watermark: every record below `next_offset` is finished.

        A commit that fails is logged, and False: it is to be tried again. Should it never be,
        whoever reads the records again derives the same ids from them.
        """
        where: Any = TopicPartition(self._name, partition)
        try:
            self._consumer.commit({where: OffsetAndMetadata(next_offset)}, timeout_ms=10_000)
        except KafkaError as error:
            log.warning("offset %d of %s was not committed: %s", next_offset, where, error)
            return False
        return True

    def close(self) -> None:
        """Leaves the group and disconnects."""
        self._fetcher.close()
