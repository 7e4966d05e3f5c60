"""The judge's front end before a model that does nothing, or a bare echo of the same messages."""

import asyncio
import sys
from collections.abc import Sequence

import grpc

from ratchet.judge.grpc_servicer import JudgeServicer, RequestLimits
from ratchet.judge.judges.local import LocalJudge, LocalLimits
from ratchet.judge.judges.settings import SERVING
from ratchet.judge.model_thread import ModelThread, at_once
from ratchet.judge.versions import Versions
from ratchet.local.ports import HOST
from ratchet.process.grpc_server import GrpcServer
from ratchet.reward.packing import TokenGroup
from ratchet.v1.judge_service_pb2 import ScoreRequest
from ratchet.v1.judge_service_pb2_grpc import add_JudgeServiceServicer_to_server
from ratchet.v1.judgement_pb2 import Judgement


class NoVersion:
    """The version of nothing."""

    number, standard_id, standard_version = 0, "", 0


class Bytes:
    """A token a byte; calls that bring token ids do without."""

    def prompt_ids(self, messages: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        """Of all that was said, without the roles."""
        return tuple("".join(content for _, content in messages).encode())

    def completion_ids(self, text: str) -> tuple[int, ...]:
        """Of an answer."""
        return tuple(text.encode())


async def judge(port: int) -> None:
    """Everything that the service does for a call, and no model."""
    thread = ModelThread(max_batch_tokens=10**6, max_queue_tokens=10**8)

    def score(_: NoVersion, groups: Sequence[TokenGroup]) -> list[int]:
        return [0] * len(groups)

    versions: Versions[NoVersion] = Versions(lambda standard_id: False)
    versions.serve(NoVersion())
    serving = LocalJudge(
        SERVING,
        "model",
        versions,
        thread.queue_before(at_once(score)),
        lambda version, result, row, field: Judgement(score=1.0),
        Bytes(),
        LocalLimits(2048, 49152, 10**6),
    )
    server = GrpcServer(HOST, port, [])
    servicer = JudgeServicer({SERVING: serving}, RequestLimits(256, 65536))
    add_JudgeServiceServicer_to_server(servicer, server.server)
    await server.start()
    await server.server.wait_for_termination()


async def echo(port: int) -> None:
    """What grpc.aio can do at best: parse the request, and answer with the same."""
    server = grpc.aio.server()

    async def same(request: ScoreRequest, _: object) -> ScoreRequest:
        return request

    handler = grpc.unary_unary_rpc_method_handler(
        same, ScoreRequest.FromString, ScoreRequest.SerializeToString
    )
    service = {"Score": handler}
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("ratchet.v1.JudgeService", service)]
    )
    server.add_insecure_port(f"{HOST}:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run({"judge": judge, "echo": echo}[sys.argv[1]](int(sys.argv[2])))
