"""What `ratchet audit` prints."""

import pytest

from ratchet.cli import main
from ratchet.local.audit_command import audit_line, chosen
from ratchet.v1.audit_pb2 import AuditRecord

RECORDS = [
    AuditRecord(actor="Olga", at=30, action="weights.rollback"),
    AuditRecord(actor="Ann", at=10, action="page.sign-in"),
    AuditRecord(actor="gate", at=20, action="gate.rose"),
    AuditRecord(actor="gate", at=20, action="gate.rose"),
    AuditRecord(actor="Olga", at=29, action="weights.rollback.asked"),
]


@pytest.mark.parametrize(
    ("actor", "action", "times"),
    [
        (None, None, [10, 20, 29, 30]),
        ("Olga", None, [29, 30]),
        (None, "weights", [29, 30]),
        (None, "weights.rollback", [29, 30]),
        (None, "weights.roll", []),
        ("Ann", "weights", []),
    ],
)
def test_the_newest_is_last_and_each_is_told_once(actor, action, times: list[int]) -> None:
    assert [record.at for record in chosen(RECORDS, actor, action)] == times


def test_a_line_is_one_line_whatever_the_name() -> None:
    record = AuditRecord(
        actor="Ann\n1970\tOlga",
        at=0.5,
        action="a",
        detail="policy 3",
        service="learner",
        via="ip:1",
    )
    assert audit_line(record) == (
        "1970-01-01T00:00:00.500+00:00\tAnn?1970?Olga\ta\tpolicy 3\tlearner ip:1"
    )


def test_where_nothing_runs_it_says_so(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--state", str(tmp_path)]) == 2
    assert "nothing runs there; name Kafka: --kafka HOST:PORT" in capsys.readouterr().err
