"""How large a call may be, as a caller sees it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest

from ratchet.process import grpc_metrics
from ratchet.process.config import LimitSettings
from ratchet.process.grpc_server import GrpcServer
from ratchet.v1.judge_service_pb2 import CompareRequest, CompareResponse
from ratchet.v1.judge_service_pb2_grpc import (
    JudgeServiceServicer,
    JudgeServiceStub,
    add_JudgeServiceServicer_to_server,
)

LIMITS = LimitSettings(max_message_bytes=1000, max_metadata_bytes=2000)


class Echo(JudgeServiceServicer):
    async def Compare(self, request, context):
        return CompareResponse(a_preferred=0.75)


@asynccontextmanager
async def serving() -> AsyncIterator[JudgeServiceStub]:
    server = GrpcServer("127.0.0.1", 0, [], limits=LIMITS)
    add_JudgeServiceServicer_to_server(Echo(), server.server)
    port = await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield JudgeServiceStub(channel)
    await server.drain(0)


def sized(size: int) -> CompareRequest:
    request = CompareRequest(completion_a="x" * (size - 3))
    assert request.ByteSize() == size
    return request


def refused(limit: str) -> float:
    return grpc_metrics.REFUSED.labels(limit, "")._value.get()


async def too_large(stub: JudgeServiceStub, request: CompareRequest, metadata: str = "") -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Compare(request, metadata=(("x", metadata),))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    return str(caught.value.details())


async def test_a_message_may_be_as_large_as_allowed_and_no_larger() -> None:
    before = refused("message_size")
    async with serving() as stub:
        assert (await stub.Compare(sized(1000))).a_preferred == 0.75
        told = await too_large(stub, sized(1001))
        assert told == "message_size: 1001 bytes; at most 1000 are allowed"
        assert refused("message_size") == before + 1
        assert "larger than max" in await too_large(stub, sized(2001))  # gRPC's own
        assert (await stub.Compare(sized(1000))).a_preferred == 0.75


async def test_metadata_may_be_as_large_as_allowed_and_no_larger() -> None:
    before = refused("metadata_size")
    async with serving() as stub:
        await stub.Compare(sized(500), metadata=(("x", "y" * 1500),))
        told = await too_large(stub, sized(500), "y" * 2000)
        assert told.startswith("metadata_size: 2") and told.endswith("at most 2000 are allowed")
        assert refused("metadata_size") == before + 1
        assert "metadata_size" not in await too_large(stub, sized(500), "y" * 4000)  # gRPC's own
        await stub.Compare(sized(500), metadata=(("x", "y" * 1500),))
