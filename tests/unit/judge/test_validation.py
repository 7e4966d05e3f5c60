"""What is wrong with a request is told by the name of its field."""

import grpc
import pytest
from tests.unit.judge.fakes import (
    REFUSED,
    version,
)
from tests.unit.judge.served import (
    CONTEXT,
    MAX_BYTES,
    MAX_ITEMS,
    compare,
    fields_at_fault,
    item,
    refused,
    score,
    serving,
)

from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import (
    CompareRequest,
    ScoreGroupRequest,
    ScoreItem,
    ScoreRequest,
)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (score(), "items"),
        (score(*[item()] * (MAX_ITEMS + 1)), "items"),
        (score(item(), item("")), "items[1].completion"),
        (score(item(" \n")), "items[0].completion"),
        (score(item("x" * (MAX_BYTES + 1))), "items[0].completion"),
        (score(item("é" * (MAX_BYTES // 2 + 1))), "items[0].completion"),
        (score(item(), ScoreItem(completion="fine")), "items[1].messages"),
        (score(item("fine", "help", "")), "items[0].messages[1].content"),
        (score(item("fine", "x" * (MAX_BYTES + 1))), "items[0].messages[0].content"),
        (score(item("fine", "x" * MAX_BYTES, "y")), "items[0].messages"),
        (score(item("fine", "help", role="tool")), "items[0].messages[0].role"),
        (score(item(), item("fine", REFUSED)), "items[1].messages"),
    ],
)
async def test_a_malformed_score_request_names_the_field(
    request_: ScoreRequest, field: str
) -> None:
    async with serving() as judge:
        judge.versions.serve(version())
        error = await refused(judge.stub.Score(request_))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert fields_at_fault(error) == [field]
    assert judge.model.groups == []


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (CompareRequest(completion_a="a", completion_b="b"), "messages"),
        (compare(a=""), "completion_a"),
        (compare(b="x" * (MAX_BYTES + 1)), "completion_b"),
        (compare(b="x" * CONTEXT), "completion_b"),
        (
            CompareRequest(
                messages=[Message(role="user", content=REFUSED)],
                completion_a="a",
                completion_b="b",
            ),
            "messages",
        ),
    ],
)
async def test_a_malformed_compare_request_names_the_field(
    request_: CompareRequest, field: str
) -> None:
    async with serving() as judge:
        judge.versions.serve(version())
        error = await refused(judge.stub.Compare(request_))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert fields_at_fault(error) == [field]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (ScoreGroupRequest(completions=["fine"]), "messages"),
        (ScoreGroupRequest(prompt_token_ids=b"abcd"), "completions"),
        (ScoreGroupRequest(prompt_token_ids=b"abc", completions=["x"]), "prompt_token_ids"),
        (
            ScoreGroupRequest(prompt_token_ids=b"abcd", completion_token_ids=[b"abcd", b"abc"]),
            "completion_token_ids[1]",
        ),
        (
            ScoreGroupRequest(
                prompt_token_ids=b"abcd", completions=["x"], completion_token_ids=[b"abcd"]
            ),
            "completions",
        ),
        (
            ScoreGroupRequest(
                messages=[Message(role="user", content="x")],
                prompt_token_ids=b"abcd",
                completions=["x"],
            ),
            "prompt_token_ids",
        ),
        (ScoreGroupRequest(prompt_token_ids=b"abcd", completions=["x"] * 5), "completions"),
    ],
)
async def test_a_malformed_group_names_the_field(request_: ScoreGroupRequest, field: str) -> None:
    async with serving() as judge:
        judge.versions.serve(version())
        error = await refused(judge.stub.ScoreGroup(request_))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert fields_at_fault(error) == [field]
