"""A judge of checks alone, as a process: programs are run beside gRPC's threads."""

import json
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from tests.chaos.judge_process import listening
from tests.chaos.service import Service

from ratchet.client import JudgeClient
from ratchet.local.ports import HOST

ADDS = [{"call": "add(2, 2)", "gives": "4"}]
JUDGES = {
    "functions": {"kind": "program", "standard": "python-functions"},
    "adds": {
        "kind": "program",
        "checks": [
            {"id": "adds", "check": {"kind": "python_cases", "cases": ADDS, "seconds": 1}},
            {"id": "third", "check": {"kind": "expression", "expression": "answer[2] != 'x'"}},
        ],
    },
}
GOOD = '```python\ndef add(a: int, b: int) -> int:\n    """The sum."""\n    return a + b\n```'


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JudgeClient]:
    folder: Path = tmp_path_factory.mktemp("judge")
    settings = {**listening(), "rollouts": False}
    service = Service("judge", folder, settings)
    service.start(RATCHET_JUDGE__JUDGES=json.dumps(JUDGES))
    try:
        with (
            service.until_serving(),
            JudgeClient(f"{HOST}:{settings['port']}", deadline=60) as client,
        ):
            yield client
    finally:
        service.stop()


def test_code_is_run_and_told_from_code_that_is_wrong_or_wants_out(judge: JudgeClient) -> None:
    answers = [
        GOOD,
        GOOD.replace("a + b", "a - b"),
        "import os\nos.kill(os.getppid(), 9)\nadd = lambda a, b: 4",
        "import socket\nsocket.create_connection(('127.0.0.1', 1))",
        "add = lambda a, b: 4\nwhile True: pass",
    ]
    found = [judge.score("Write add.", answer, judge="adds") for answer in answers]
    assert [each.error for each in found] == [None] * 5
    assert [each.score for each in found] == [1, 0.5, 0.5, 0.5, 0.5]


def test_a_check_that_cannot_tell_is_an_error_and_no_score(judge: JudgeClient) -> None:
    error = judge.score("Write add.", "4", judge="adds").error
    assert error is not None
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    assert error.message.startswith("check third: answer[2]")


def test_a_standard_to_start_from_is_a_judge(judge: JudgeClient) -> None:
    found = judge.score("Write add.", GOOD, judge="functions")
    assert found.score == 1
    assert "documented" in [each.criterion_id for each in found.criteria]
    found = judge.score("Write add.", "add = eval('print')", judge="functions")
    broken = {each.criterion_id for each in found.criteria if each.broken}
    assert broken == {"defines_a_function", "documented", "no_eval"}
