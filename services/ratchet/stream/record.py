"""One record of a topic, parsed."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import DecodeError, Message

from ratchet.stream.topics import Topic

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Record(Generic[M]):
    """What a reader hands out; `topic` is the name without the cluster's prefix."""

    topic: str
    partition: int
    offset: int
    key: str
    value: M
    timestamp_ms: int


def parse(topic: Topic[M], raw: Any) -> Record[M]:
    """Parses a kafka-python `ConsumerRecord`.

    Raises:
        ValueError: key or value are not what the topic holds.
    """
    # No message of ours is empty, yet no bytes at all would parse as one.
    if not raw.value:
        raise ValueError("the value is empty")
    try:
        value = topic.message.FromString(raw.value)
    except DecodeError as error:
        raise ValueError(f"the value is no {topic.message.DESCRIPTOR.name}: {error}") from None
    try:
        key = (raw.key or b"").decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("the key is not UTF-8") from None
    return Record(topic.name, raw.partition, raw.offset, key, value, raw.timestamp)
