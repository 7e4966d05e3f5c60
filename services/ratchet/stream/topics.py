"""The topics: name, message, and how long records are kept."""

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from google.protobuf.message import Message
from kafka.errors import TopicAlreadyExistsError

from ratchet.process.config import KafkaSettings
from ratchet.stream.connection import MAX_BATCH_BYTES, admin_client
from ratchet.v1.audit_pb2 import AuditRecord
from ratchet.v1.critique_pb2 import GroupCritiques
from ratchet.v1.dead_letter_pb2 import DeadLetter
from ratchet.v1.gate_pb2 import GateState
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.preference_pb2 import Comparison, Preference
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import RolloutGroup
from ratchet.v1.standard_pb2 import Standard
from ratchet.v1.weights_pb2 import WeightsRecord

M = TypeVar("M", bound=Message)

DAY_MS = 24 * 3600 * 1000
FOR_EVER = -1


@dataclass(frozen=True)
class Topic(Generic[M]):
    """A topic without the cluster's prefix, and the message that each of its records holds."""

    name: str
    message: type[M]
    cleanup_policy: Literal["delete", "compact"] = "delete"
    retention_ms: int = FOR_EVER


PROMPTS = Topic("prompts", Prompt, retention_ms=7 * DAY_MS)
URGENT_PROMPTS = Topic("urgent-prompts", Prompt, retention_ms=7 * DAY_MS)
ROLLOUTS = Topic("rollouts", RolloutGroup, retention_ms=7 * DAY_MS)
JUDGEMENTS = Topic("judgements", JudgedGroup, retention_ms=7 * DAY_MS)
CRITIQUES = Topic("critiques", GroupCritiques, retention_ms=7 * DAY_MS)
LABEL_REQUESTS = Topic("label-requests", Comparison, cleanup_policy="compact")
# Compacted, so that a person's labels can be erased: every label has a key of its own.
PREFERENCES = Topic("preferences", Preference, cleanup_policy="compact")
STANDARDS = Topic("standards", Standard, cleanup_policy="compact")
WEIGHTS = Topic("weights", WeightsRecord, cleanup_policy="compact")
GATES = Topic("gates", GateState, cleanup_policy="compact")
AUDIT = Topic("audit", AuditRecord)
DEAD_LETTERS = Topic("dead-letters", DeadLetter, retention_ms=28 * DAY_MS)

ALL_TOPICS: tuple[Topic[Any], ...] = (
    PROMPTS,
    URGENT_PROMPTS,
    ROLLOUTS,
    JUDGEMENTS,
    CRITIQUES,
    LABEL_REQUESTS,
    PREFERENCES,
    STANDARDS,
    WEIGHTS,
    GATES,
    AUDIT,
    DEAD_LETTERS,
)


def ensure_topics(kafka: KafkaSettings) -> None:
    """Makes the topics that are not there yet: one partition each, the cluster's replication.

    Raises:
        BrokerUnreachable: no broker answers.
        kafka.errors.KafkaError: the cluster refuses.
    """
    admin = admin_client(kafka)
    try:
        existing = set(admin.list_topics())
        for topic in ALL_TOPICS:
            name = kafka.topic_prefix + topic.name
            if name in existing:
                continue
            options = {"num_partitions": 1, "replication_factor": -1, "configs": _configs(topic)}
            try:
                admin.create_topics({name: options}, wait_for_metadata=True)
            except TopicAlreadyExistsError:
                continue  # another service was faster
    finally:
        admin.close()


def _configs(topic: Topic[Any]) -> dict[str, str]:
    return {
        "cleanup.policy": topic.cleanup_policy,
        "retention.ms": str(topic.retention_ms),
        "max.message.bytes": str(MAX_BATCH_BYTES),
    }
