"""JudgeService over real gRPC, with the model that is none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from tests.unit.judge.fakes import (
    FakeModel,
    FakeTokenizer,
    Queue,
    queue_before,
)

from ratchet.judge.candidate import CandidatePlace
from ratchet.judge.grpc_servicer import JudgeServicer, RequestLimits
from ratchet.judge.judgement import judgement
from ratchet.judge.judges.base import Judge
from ratchet.judge.judges.local import LocalJudge, LocalLimits
from ratchet.judge.versions import JudgeVersion, Versions
from ratchet.process.grpc_server import GrpcServer
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import (
    CompareRequest,
    ScoreItem,
    ScoreRequest,
)
from ratchet.v1.judge_service_pb2_grpc import (
    JudgeServiceStub,
    add_JudgeServiceServicer_to_server,
)

CONTEXT, MAX_ITEMS, MAX_BYTES, MAX_GROUP = 20, 4, 60, 40
VOCABULARY = 0x3000
KNOWN_STANDARDS = {"shop", "not-judged-yet"}


@dataclass
class Serving:
    stub: JudgeServiceStub
    model: FakeModel
    versions: Versions
    queue: Queue
    candidate: CandidatePlace


@asynccontextmanager
async def serving(
    scoring: bool = True, max_queue: int = 4000, cached_scores: int = 0
) -> AsyncIterator[Serving]:
    model = FakeModel()
    queue = queue_before(model, max_queue=max_queue)
    versions = Versions(KNOWN_STANDARDS.__contains__)
    limits = LocalLimits(CONTEXT, VOCABULARY, MAX_GROUP)

    def learned(name: str, versions: Versions) -> LocalJudge:
        return LocalJudge(
            name,
            "learned",
            versions,
            queue,
            judgement,
            FakeTokenizer(),
            limits,
            cached_scores=cached_scores,
        )

    def candidate(version: JudgeVersion) -> LocalJudge:
        alone = Versions(KNOWN_STANDARDS.__contains__)
        alone.serve(version)
        return learned("candidate", alone)

    server = GrpcServer("127.0.0.1", 0, [])
    judges: dict[str, Judge] = {"serving": learned("serving", versions)}
    servicer = JudgeServicer(judges, RequestLimits(MAX_ITEMS, MAX_BYTES))
    add_JudgeServiceServicer_to_server(servicer, server.server)
    port = await server.start()
    task = asyncio.create_task(queue.run()) if scoring else None
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        place = CandidatePlace(judges, candidate)
        yield Serving(JudgeServiceStub(channel), model, versions, queue, place)
    await server.drain(0)
    if task:
        task.cancel()


def item(completion: str = "fine", *contents: str, role: str = "user") -> ScoreItem:
    turns = [Message(role=role, content=content) for content in contents or ("help",)]
    return ScoreItem(messages=turns, completion=completion)


def score(*items: ScoreItem, **fields: object) -> ScoreRequest:
    return ScoreRequest(items=items, **fields)


def compare(a: str = "good", b: str = "bad", **fields: object) -> CompareRequest:
    messages = [Message(role="user", content="help")]
    return CompareRequest(messages=messages, completion_a=a, completion_b=b, **fields)


async def refused(call: grpc.aio.UnaryUnaryCall) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


def fields_at_fault(error: grpc.aio.AioRpcError) -> list[str]:
    bad_request = error_details_pb2.BadRequest()
    [detail] = rpc_status.from_call(error).details
    assert detail.Unpack(bad_request)
    return [violation.field for violation in bad_request.field_violations]
