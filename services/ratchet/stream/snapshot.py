"""A topic from its beginning to its end as of now."""

from typing import TypeVar

from google.protobuf.message import Message

from ratchet.process.config import KafkaSettings
from ratchet.stream.reader import Reader
from ratchet.stream.record import Record
from ratchet.stream.topics import Topic

M = TypeVar("M", bound=Message)

POLL_SECONDS = 0.5


def snapshot(kafka: KafkaSettings, topic: Topic[M], service: str) -> list[Record[M]]:
    """All its records, in order.

    Raises:
        BrokerUnreachable: no broker answers.
        LookupError: there is no such topic.
    """
    reader = Reader(kafka, [topic], service, start=None)
    try:
        records: list[Record[M]] = []
        while not reader.caught_up():
            records += reader.poll(POLL_SECONDS)
        return records
    finally:
        reader.close()
