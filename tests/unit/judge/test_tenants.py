"""Tenants of one judge service: whom they may call, how much, and that they do not crowd out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from tests.unit.judge.fakes import FakeModel, FakeTokenizer, Queue, queue_before, version
from tests.unit.process.keys import write_keys

from ratchet.client import AsyncJudgeClient, JudgeCallError, Retries
from ratchet.judge.grpc_servicer import JudgeServicer, RequestLimits
from ratchet.judge.judgement import judgement
from ratchet.judge.judges.local import LocalJudge, LocalLimits
from ratchet.judge.judges.program import ProgramJudge
from ratchet.judge.judges.settings import ProgramSettings
from ratchet.judge.versions import Versions
from ratchet.process import grpc_metrics
from ratchet.process.config import AuthSettings
from ratchet.process.grpc_server import GrpcServer
from ratchet.process.keys_file import new_key
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import ScoreGroupRequest
from ratchet.v1.judge_service_pb2_grpc import (
    JudgeServiceStub,
    add_JudgeServiceServicer_to_server,
)

MAX_QUEUE = 2000
CHECKS = [{"id": "short", "check": {"kind": "max_words", "words": 3}}]
TENANTS = """
[tenants.free]
[tenants.checks]
judges = ["short"]
[tenants.quarter]
queue_share = 0.25
[tenants.slow]
tokens_per_second = 0.01
burst_seconds = 10000
"""
KEYS = {name: new_key(name) for name in ("free", "checks", "quarter", "slow")}
ONCE = Retries(attempts=1)


@dataclass
class Serving:
    target: str
    model: FakeModel
    queue: Queue

    async def until_queued(self, tokens: int) -> None:
        while self.queue.queued_tokens < tokens:
            await asyncio.sleep(0)

    def client(self, tenant: str) -> AsyncJudgeClient:
        return AsyncJudgeClient(self.target, api_key=KEYS[tenant], retries=ONCE)


@asynccontextmanager
async def serving(folder: Path, scoring: bool = True) -> AsyncIterator[Serving]:
    model = FakeModel()
    queue = queue_before(model, max_queue=MAX_QUEUE)
    versions = Versions({"shop"}.__contains__)
    versions.serve(version())
    local = LocalLimits(MAX_QUEUE, 0x3000, MAX_QUEUE)
    learned = LocalJudge("serving", "learned", versions, queue, judgement, FakeTokenizer(), local)
    checks = ProgramJudge("short", ProgramSettings(kind="program", checks=CHECKS))
    file = write_keys(folder / "keys.toml", {key: name for name, key in KEYS.items()}, TENANTS)
    server = GrpcServer("127.0.0.1", 0, [], auth=AuthSettings(keys_file=file))
    judges = {"serving": learned, "short": checks}
    add_JudgeServiceServicer_to_server(
        JudgeServicer(judges, RequestLimits(10, 10000)), server.server
    )
    port = await server.start()
    task = asyncio.create_task(queue.run()) if scoring else None
    yield Serving(f"127.0.0.1:{port}", model, queue)
    await server.drain(0)
    if task:
        task.cancel()


def refused(limit: str, tenant: str) -> float:
    return grpc_metrics.REFUSED.labels(limit, tenant)._value.get()


async def test_a_tenant_sees_and_calls_its_own_judges_alone(tmp_path: Path) -> None:
    before = refused("permission", "checks")
    async with serving(tmp_path) as server, server.client("checks") as checks:
        assert [info.name for info in await checks.judges()] == ["short"]
        assert (await checks.score("hi", "one", judge="short")).score == 1
        for name in ("serving", "", "no-such-judge"):
            with pytest.raises(JudgeCallError, match="judge: tenant 'checks' may not") as caught:
                await checks.score("hi", "one", judge=name)
            assert caught.value.code is grpc.StatusCode.PERMISSION_DENIED
        async with server.client("free") as free:
            assert [info.name for info in await free.judges()] == ["serving", "short"]
            assert (await free.score("hi", "one")).score is not None
    assert len(server.model.groups) == 1
    assert refused("permission", "checks") == before + 3


async def test_the_field_at_fault_is_named(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as server,
        grpc.aio.insecure_channel(server.target) as channel,
    ):
        request = ScoreGroupRequest(
            messages=[Message(role="user", content="hi")], completions=["x"]
        )
        metadata = (("authorization", f"Bearer {KEYS['checks']}"),)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await JudgeServiceStub(channel).ScoreGroup(request, metadata=metadata)
    [detail] = rpc_status.from_call(caught.value).details
    found = error_details_pb2.BadRequest()
    assert detail.Unpack(found)
    assert [violation.field for violation in found.field_violations] == ["judge"]


async def test_tokens_above_the_rate_are_refused_with_the_time_to_wait(tmp_path: Path) -> None:
    before = refused("rate", "slow")
    async with (
        serving(tmp_path) as server,
        server.client("slow") as slow,
        server.client("free") as free,
    ):
        await slow.score("p" * 50, ["x" * 20, "y" * 20])  # 90 of 100 tokens: the prompt once
        with pytest.raises(JudgeCallError, match="tokens per second are used up") as caught:
            await slow.score("p" * 40, "x" * 20)
        assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert caught.value.retry_seconds == pytest.approx(50 / 0.01, rel=0.01)
        await slow.score("p" * 5, "x" * 5)  # there are 10 left
        await slow.score("p" * 400, "one", judge="short")  # checks read no tokens
        for _ in range(5):
            await free.score("p" * 400, "x" * 20)
    assert refused("rate", "slow") == before + 1


async def test_a_share_leaves_room_for_the_others_and_what_was_refused_is_not_charged(
    tmp_path: Path,
) -> None:
    """Nothing is scored yet, so that what is sent stays in the queue."""
    before = refused("queue_share", "quarter")
    async with (
        serving(tmp_path, scoring=False) as server,
        server.client("quarter") as quarter,
        server.client("slow") as slow,
        server.client("free") as free,
    ):
        waiting = asyncio.create_task(quarter.score("p" * 300, "x" * 100))
        await server.until_queued(400)
        with pytest.raises(JudgeCallError, match="share of the queue is full") as caught:
            await quarter.score("p" * 300, "x" * 100)
        assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert caught.value.retry_seconds is not None
        others = asyncio.create_task(free.score("p" * 1000, "x" * 550))
        await server.until_queued(1950)
        for _ in range(3):  # of 100 tokens: were they charged, the rate would be told
            with pytest.raises(JudgeCallError, match="overloaded"):
                await slow.score("p" * 50, "x" * 30)
        waiting.cancel()
        others.cancel()
    assert refused("queue_share", "quarter") == before + 1
