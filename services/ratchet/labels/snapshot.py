"""What the topics of labels hold as of now."""

from ratchet.process.config import KafkaSettings
from ratchet.stream.record import Record
from ratchet.stream.snapshot import snapshot
from ratchet.stream.topics import PREFERENCES, STANDARDS
from ratchet.v1.preference_pb2 import Preference
from ratchet.v1.standard_pb2 import Standard

SERVICE = "labels"


def preferences(kafka: KafkaSettings) -> list[Record[Preference]]:
    """All preferences in the topic's order, each once: a submission sent again says the same.

    Raises:
        BrokerUnreachable: no broker answers.
        LookupError: there is no such topic.
    """
    found: dict[str, Record[Preference]] = {}
    for record in snapshot(kafka, PREFERENCES, SERVICE):
        found.setdefault(record.value.submission_id, record)
    return list(found.values())


def newest_standards(kafka: KafkaSettings) -> dict[str, Standard]:
    """The newest version of every standard, by id. Raises as `preferences` does."""
    found: dict[str, Standard] = {}
    for record in snapshot(kafka, STANDARDS, SERVICE):
        known = found.setdefault(record.value.standard_id, record.value)
        if record.value.version > known.version:
            found[record.value.standard_id] = record.value
    return found
