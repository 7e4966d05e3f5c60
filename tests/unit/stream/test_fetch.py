"""What was polled is handed out once, also where a dead letter cannot be written at first."""

from types import SimpleNamespace
from typing import Any

import pytest
from kafka import TopicPartition  # pyright: ignore[reportAttributeAccessIssue]

from ratchet.process.config import KafkaSettings
from ratchet.stream.dead_letter import DeadLetters
from ratchet.stream.fetch import Fetcher
from ratchet.stream.producer import DeliveryFailed
from ratchet.stream.topics import PROMPTS
from ratchet.v1.prompt_pb2 import Prompt


class OnePoll:
    """A consumer that has three records, the second of them junk."""

    def __init__(self) -> None:
        good = Prompt(prompt_id="p").SerializeToString()
        self.records = [_raw(offset, b"junk" if offset == 1 else good) for offset in range(3)]

    def poll(self, timeout_ms: int, max_records: int | None) -> dict[Any, list[Any]]:
        polled, self.records = self.records, []
        return {TopicPartition("prompts", 0): polled} if polled else {}


def _raw(offset: int, value: bytes) -> Any:
    return SimpleNamespace(
        topic="prompts", partition=0, offset=offset, key=b"k", value=value, timestamp=0
    )


def test_a_letter_that_fails_loses_neither_the_junk_nor_its_neighbours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failures, letters = [DeliveryFailed("the broker is away")], list[int]()

    def put(self: DeadLetters, topic: str, partition: int, offset: int, *_: object) -> None:
        if failures:
            raise failures.pop()
        letters.append(offset)

    monkeypatch.setattr(DeadLetters, "put", put)
    fetcher = Fetcher(KafkaSettings(), [PROMPTS], "test", OnePoll())
    with pytest.raises(DeliveryFailed):
        fetcher.poll(0, None)
    assert [record.offset for record in fetcher.poll(0, None)] == [0, 2]
    assert letters == [1]
    assert fetcher.poll(0, None) == []
