"""What is finished is committed, also where the first try fails."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ratchet.policy import prompt_reader
from ratchet.policy.prompt_queue import WaitingPrompt
from ratchet.policy.prompt_reader import PromptReader
from ratchet.process.config import KafkaSettings
from ratchet.stream.record import Record
from ratchet.stream.topics import PROMPTS
from ratchet.v1.prompt_pb2 import Prompt


class FailingOnce:
    """A group of one record, whose first commit does not reach the broker."""

    def __init__(self, on_second_try: Callable[[], object]) -> None:
        self.on_second_try = on_second_try
        self.records = [Record("prompts", 0, 7, "p", Prompt(prompt_id="p"), 0)]
        self.tried: list[tuple[int, int]] = []

    def poll(self, timeout_seconds: float, max_records: int) -> list[Any]:
        polled, self.records = self.records, []
        return polled

    def commit(self, partition: int, next_offset: int) -> bool:
        self.tried.append((partition, next_offset))
        if len(self.tried) == 2:
            self.on_second_try()
        return len(self.tried) > 1

    def close(self) -> None: ...


def test_an_offset_whose_commit_failed_is_committed_later(monkeypatch: pytest.MonkeyPatch) -> None:
    finished = threading.Event()
    group = FailingOnce(finished.set)
    monkeypatch.setattr(prompt_reader, "GroupReader", lambda *_, **__: group)

    def admit(record: Record[Prompt]) -> WaitingPrompt:
        return WaitingPrompt(record.partition, record.offset, record.value, ())

    reader = PromptReader(
        KafkaSettings(),
        PROMPTS,
        "policy",
        prompts_ahead=2,
        admit=admit,
        on_prompt=lambda prompt: reader.finish(prompt),
        on_failure=lambda error: pytest.fail(str(error)),
    )
    reader.start()
    assert finished.wait(30)
    reader.close()
    assert group.tried == [(0, 8), (0, 8)]
