"""A table loses no record, whatever fails on the way."""

from types import SimpleNamespace
from typing import Any

import pytest

from ratchet.process.config import KafkaSettings
from ratchet.stream import table as table_module
from ratchet.stream.producer import DeliveryFailed
from ratchet.stream.record import Record
from ratchet.stream.table import Table
from ratchet.stream.topics import STANDARDS
from ratchet.v1.standard_pb2 import Standard


class FailingReader:
    """Three records in one poll; everything that may fail fails at first."""

    def __init__(self, *_: object, **__: object) -> None:
        self.failures = ["poll", "reject"]
        self.rejected: list[int] = []
        self.handed_out = False

    def poll(self, timeout_seconds: float) -> list[Any]:
        self._fail("poll")
        if self.handed_out:
            return []
        self.handed_out = True
        return [SimpleNamespace(topic="standards", offset=offset) for offset in range(3)]

    def reject(self, record: Any, reason: str) -> None:
        self._fail("reject")
        self.rejected.append(record.offset)

    def caught_up(self) -> bool:
        return self.handed_out

    def close(self) -> None: ...

    def _fail(self, name: str) -> None:
        if name in self.failures:
            self.failures.remove(name)
            raise DeliveryFailed(f"{name}: the broker is away")


def test_records_after_one_that_cannot_be_set_aside_are_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = FailingReader()
    monkeypatch.setattr(table_module, "Reader", lambda *_, **__: reader)
    monkeypatch.setattr(table_module, "RETRY_SECONDS", 0.0)
    seen: list[int] = []
    table = Table(KafkaSettings(), STANDARDS, "test", lambda record: _use(record, seen))
    table.start()
    table.wait_caught_up(30)
    table.close()
    assert reader.rejected == [0]
    assert seen == [1, 2]


def _use(record: Record[Standard], seen: list[int]) -> None:
    if record.offset == 0:
        raise ValueError("no criteria")
    seen.append(record.offset)
