"""A topic from its beginning to its end as of now."""

from typing import TypeVar

from google.protobuf.message import Message

from ratchet.process.config import KafkaSettings
from ratchet.stream.reader import Reader
from ratchet.stream.record import Record
from ratchet.stream.topics import PREFERENCES, STANDARDS, Topic
from ratchet.v1.preference_pb2 import Preference
from ratchet.v1.standard_pb2 import Standard

M = TypeVar("M", bound=Message)

SERVICE = "labels"
POLL_SECONDS = 0.5


def preferences(kafka: KafkaSettings) -> list[Record[Preference]]:
    """All preferences in the topic's order, each once: a submission sent again says the same.

    Raises:
        BrokerUnreachable: no broker answers.
        LookupError: there is no such topic.
    """
    found: dict[str, Record[Preference]] = {}
    for record in _records(kafka, PREFERENCES):
        found.setdefault(record.value.submission_id, record)
    return list(found.values())


def newest_standards(kafka: KafkaSettings) -> dict[str, Standard]:
    """The newest version of every standard, by id. Raises as `preferences` does."""
    found: dict[str, Standard] = {}
    for record in _records(kafka, STANDARDS):
        known = found.setdefault(record.value.standard_id, record.value)
        if record.value.version > known.version:
            found[record.value.standard_id] = record.value
    return found


def _records(kafka: KafkaSettings, topic: Topic[M]) -> list[Record[M]]:
    reader = Reader(kafka, [topic], SERVICE, start=None)
    try:
        records: list[Record[M]] = []
        while not reader.caught_up():
            records += reader.poll(POLL_SECONDS)
        return records
    finally:
        reader.close()
