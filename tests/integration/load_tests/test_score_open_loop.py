"""The load test against a real gRPC server."""

import grpc
import pytest
from load_tests.score_open_loop import load

from ratchet.v1.judge_service_pb2 import (
    CompareRequest,
    CompareResponse,
    ScoreRequest,
    ScoreResponse,
)
from ratchet.v1.judge_service_pb2_grpc import (
    JudgeServiceServicer,
    add_JudgeServiceServicer_to_server,
)


class EchoJudge(JudgeServiceServicer):
    """Refuses every third call, scores the rest."""

    def __init__(self) -> None:
        self.calls = 0
        self.items = 0

    async def Score(
        self, request: ScoreRequest, context: grpc.aio.ServicerContext
    ) -> ScoreResponse:
        self.calls += 1
        self.items += len(request.items)
        if self.calls % 3 == 0:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "full")
        return ScoreResponse(judge_version=1)

    async def Compare(
        self, request: CompareRequest, context: grpc.aio.ServicerContext
    ) -> CompareResponse:
        return CompareResponse()


async def test_every_scheduled_call_reaches_the_judge_and_is_told_apart_by_its_code() -> None:
    judge = EchoJudge()
    server = grpc.aio.server()
    add_JudgeServiceServicer_to_server(judge, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        report = await load(f"127.0.0.1:{port}", 30, 1, 2, deadline_seconds=30, seed=None)
    finally:
        await server.stop(None)
    assert judge.calls == 30
    assert judge.items == 60
    assert [reply.code for reply in report.replies].count("RESOURCE_EXHAUSTED") == 10
    assert report.goodput == pytest.approx(20)
