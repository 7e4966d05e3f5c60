"""A server that asks for keys."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from tests.unit.process.keys import write_keys

from ratchet.process import grpc_metrics
from ratchet.process.config import AuthSettings, ConfigError
from ratchet.process.grpc_server import GrpcServer
from ratchet.process.keys_file import new_key
from ratchet.process.tenant import current_tenant
from ratchet.v1 import judge_service_pb2, judge_service_pb2_grpc

SERVICE = "ratchet.v1.JudgeService"
Metadata = tuple[tuple[str, str], ...]


class WhoAmI(judge_service_pb2_grpc.JudgeServiceServicer):
    """Answers with the caller's tenant."""

    def __init__(self) -> None:
        self.calls = 0

    async def Compare(self, request, context):
        self.calls += 1
        return judge_service_pb2.CompareResponse(judge=current_tenant().name)


@pytest.fixture
def key() -> str:
    return new_key("acme")


@pytest.fixture
def file(tmp_path: Path, key: str) -> Path:
    return write_keys(tmp_path / "keys.toml", {key: "acme"}, "[tenants.acme]\n[tenants.other]")


@asynccontextmanager
async def serving(
    keys_file: Path | None, judge: WhoAmI | None = None
) -> AsyncIterator[grpc.aio.Channel]:
    server = GrpcServer("127.0.0.1", 0, [SERVICE], auth=AuthSettings(keys_file=keys_file))
    judge_service_pb2_grpc.add_JudgeServiceServicer_to_server(judge or WhoAmI(), server.server)
    port = await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.drain(0)


async def who_am_i(channel: grpc.aio.Channel, metadata: Metadata) -> str:
    stub = judge_service_pb2_grpc.JudgeServiceStub(channel)
    return (await stub.Compare(judge_service_pb2.CompareRequest(), metadata=metadata)).judge


def bearing(key: str, scheme: str = "Bearer") -> Metadata:
    return (("authorization", f"{scheme} {key}"),)


def refused() -> float:
    return grpc_metrics.REFUSED.labels("unauthenticated", "")._value.get()


async def test_a_call_is_its_tenants(file: Path, key: str, tmp_path: Path) -> None:
    other = new_key("other")
    write_keys(file, {key: "acme", other: "other"}, "[tenants.acme]\n[tenants.other]")
    async with serving(file) as channel:
        found = [await who_am_i(channel, bearing(k)) for k in (key, other, key)]
        assert await who_am_i(channel, bearing(key, "bearer")) == "acme"
    assert found == ["acme", "other", "acme"]
    async with serving(None) as channel:
        assert await who_am_i(channel, bearing(key)) == ""
        assert await who_am_i(channel, ()) == ""


async def test_without_a_key_that_is_known_nothing_is_answered(
    file: Path, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    judge, before = WhoAmI(), refused()
    wrong = new_key("acme")
    asked: list[tuple[Metadata, str]] = [
        ((), "no API key: send `authorization: Bearer KEY`"),
        (bearing(""), "no API key"),
        (bearing(key, "Basic"), "no API key"),
        ((("x-api-key", key),), "no API key"),
        (bearing(wrong), "this API key is not known"),
        (bearing(key[:-2]), "this API key is not known"),
        (bearing(key + " x"), "this API key is not known"),
    ]
    async with serving(file, judge) as channel:
        for metadata, told in asked:
            with pytest.raises(grpc.aio.AioRpcError, match=told) as caught:
                await who_am_i(channel, metadata)
            assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
            assert key not in str(caught.value) and wrong not in str(caught.value)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary("/no.such.Service/Method")(b"")
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        with pytest.raises(grpc.aio.AioRpcError) as caught:  # nor is what is sent read
            await channel.unary_unary(f"/{SERVICE}/Compare")(b"\xff")
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert judge.calls == 0
    assert refused() == before + len(asked) + 2
    assert key not in caplog.text and wrong not in caplog.text


async def test_a_revoked_key_is_refused_on_a_connection_that_stands(file: Path, key: str) -> None:
    async with serving(file) as channel:
        assert await who_am_i(channel, bearing(key)) == "acme"
        write_keys(file, {}, "[tenants.acme]")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await who_am_i(channel, bearing(key))
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_health_is_open_and_reflection_is_not(file: Path, key: str) -> None:
    async with serving(file) as channel:
        await HealthStub(channel).Check(HealthCheckRequest(service=SERVICE))
        watch = HealthStub(channel).Watch(HealthCheckRequest())
        await anext(aiter(watch))
        watch.cancel()

        async def services(metadata: Metadata) -> list[str]:
            requests = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
            stub = reflection_pb2_grpc.ServerReflectionStub(channel)
            call = stub.ServerReflectionInfo(requests, metadata=metadata)
            response = await anext(aiter(call))
            return [each.name for each in response.list_services_response.service]

        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await services(())
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert SERVICE in await services(bearing(key))


async def test_a_file_that_is_not_there_ends_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"keys\.toml: cannot be read"):
        GrpcServer("127.0.0.1", 0, [], auth=AuthSettings(keys_file=tmp_path / "keys.toml"))
