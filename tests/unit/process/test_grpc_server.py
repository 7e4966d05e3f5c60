import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status
from tests.unit.process.certificates import NAME, Certificates
from tests.unit.process.keys import write_keys

from ratchet.process import grpc_metrics
from ratchet.process.config import ConfigError, ServiceSettings, load_settings
from ratchet.process.errors import (
    FailedPrecondition,
    FieldNotFound,
    InvalidField,
    Overloaded,
    PermissionDenied,
    RpcFault,
    Unavailable,
)
from ratchet.process.grpc_server import GrpcServer
from ratchet.process.keys_file import new_key
from ratchet.v1 import judge_service_pb2, judge_service_pb2_grpc

SERVICE = "ratchet.v1.JudgeService"
COMPARE = f"/{SERVICE}/Compare"


class Judge(judge_service_pb2_grpc.JudgeServiceServicer):
    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.entered = asyncio.Event()
        self.leave = asyncio.Event()

    async def Score(self, request, context):
        self.entered.set()
        await self.leave.wait()
        return judge_service_pb2.ScoreResponse(judge_version=7)

    async def Compare(self, request, context):
        if self.failure:
            raise self.failure
        return judge_service_pb2.CompareResponse(a_preferred=0.75)


@asynccontextmanager
async def listening(judge: Judge) -> AsyncIterator[tuple[GrpcServer, str]]:
    server = GrpcServer("127.0.0.1", 0, [SERVICE])
    judge_service_pb2_grpc.add_JudgeServiceServicer_to_server(judge, server.server)
    yield server, f"127.0.0.1:{await server.start()}"
    await server.drain(0)


@asynccontextmanager
async def serving(judge: Judge) -> AsyncIterator[tuple[GrpcServer, grpc.aio.Channel]]:
    async with listening(judge) as (server, target), grpc.aio.insecure_channel(target) as channel:
        yield server, channel


async def compare_fault(failure: Exception) -> grpc.aio.AioRpcError:
    async with serving(Judge(failure)) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await judge_service_pb2_grpc.JudgeServiceStub(channel).Compare(
                judge_service_pb2.CompareRequest()
            )
        return caught.value


async def test_an_answer_comes_through():
    async with serving(Judge()) as (_, channel):
        stub = judge_service_pb2_grpc.JudgeServiceStub(channel)
        response = await stub.Compare(judge_service_pb2.CompareRequest())
        assert response.a_preferred == 0.75


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (InvalidField("items[3].completion", "is empty"), grpc.StatusCode.INVALID_ARGUMENT),
        (FieldNotFound("items[3].completion", "is empty"), grpc.StatusCode.NOT_FOUND),
    ],
)
async def test_a_bad_field_is_named(failure: RpcFault, code: grpc.StatusCode):
    error = await compare_fault(failure)
    assert error.code() == code
    [detail] = rpc_status.from_call(error).details
    request = error_details_pb2.BadRequest()
    assert detail.Unpack(request)
    [violation] = request.field_violations
    assert violation.field == "items[3].completion"
    assert violation.description == "is empty"


@pytest.mark.parametrize("kind", [InvalidField, FieldNotFound, PermissionDenied])
async def test_what_is_wrong_is_told_in_few_words_however_long_it_is(kind: type[RpcFault]):
    """A status travels in metadata, which clients bound: they would see another one."""
    error = await compare_fault(kind("judge", "no judge " + "\U0001f600" * 100_000))
    assert error.code().value[0] == kind.code
    assert error.details().startswith("judge: no judge \U0001f600")
    [detail] = rpc_status.from_call(error).details
    request = error_details_pb2.BadRequest()
    assert detail.Unpack(request)
    assert request.field_violations[0].field == "judge"


async def test_overload_says_when_to_come_again():
    error = await compare_fault(Overloaded(1.5))
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    [detail] = rpc_status.from_call(error).details
    retry = error_details_pb2.RetryInfo()
    assert detail.Unpack(retry)
    assert retry.retry_delay.ToMilliseconds() == 1500


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Unavailable("no model yet"), grpc.StatusCode.UNAVAILABLE),
        (FailedPrecondition("no model yet"), grpc.StatusCode.FAILED_PRECONDITION),
    ],
)
async def test_a_state_is_told(failure: RpcFault, code: grpc.StatusCode):
    error = await compare_fault(failure)
    assert (error.code(), error.details()) == (code, "no model yet")


async def test_a_bug_is_internal_and_tells_nothing():
    error = await compare_fault(ZeroDivisionError("secret"))
    assert error.code() == grpc.StatusCode.INTERNAL
    assert "secret" not in error.details()


async def test_bytes_that_are_no_message_are_the_callers_fault():
    counted = grpc_metrics.REFUSED.labels("invalid", "")._value
    before = counted.get()
    async with serving(Judge(InvalidField("items", "is empty"))) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(COMPARE)(b"\xff\xff")
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert counted.get() == before + 1
        with pytest.raises(grpc.aio.AioRpcError, match="items: is empty"):
            await channel.unary_unary(COMPARE)(b"")
    assert counted.get() == before + 2


@pytest.mark.parametrize("data", [b"\xff\xff", b"\x0a\x05abc", b"\x0a\x01\xff"])
async def test_streams_tell_so_too(data: bytes):
    async with serving(Judge()) as (_, channel):
        watch = channel.unary_stream("/grpc.health.v1.Health/Watch")(data)
        info = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
        for call in (watch, channel.stream_stream(info)(iter([data]))):
            with pytest.raises(grpc.aio.AioRpcError, match="no valid protobuf message") as caught:
                await anext(aiter(call))
            assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_health_follows_serving():
    async with serving(Judge()) as (server, channel):
        watch = health_pb2_grpc.HealthStub(channel).Watch(
            health_pb2.HealthCheckRequest(service=SERVICE)
        )
        responses = aiter(watch)
        assert (await anext(responses)).status == health_pb2.HealthCheckResponse.NOT_SERVING
        server.set_serving(True)
        assert (await anext(responses)).status == health_pb2.HealthCheckResponse.SERVING
        server.set_serving(False)
        assert (await anext(responses)).status == health_pb2.HealthCheckResponse.NOT_SERVING
        watch.cancel()


async def test_reflection_names_the_service():
    async with serving(Judge()) as (_, channel):
        requests = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(requests)
        response = await anext(aiter(call))
        assert SERVICE in [each.name for each in response.list_services_response.service]


async def test_thousands_of_calls_at_once_are_taken_up_and_not_cancelled_by_grpc():
    """All are sent while this loop, which is the server's too, is busy."""
    async with listening(Judge()) as (_, target):
        with grpc.insecure_channel(target) as blocking:
            stub = judge_service_pb2_grpc.JudgeServiceStub(blocking)
            calls = [stub.Compare.future(judge_service_pb2.CompareRequest()) for _ in range(4000)]
            found = await asyncio.to_thread(lambda: Counter(call.code() for call in calls))
    assert found == {grpc.StatusCode.OK: 4000}


async def test_drain_lets_calls_in_flight_finish():
    judge = Judge()
    async with serving(judge) as (server, channel):
        stub = judge_service_pb2_grpc.JudgeServiceStub(channel)
        call = asyncio.ensure_future(stub.Score(judge_service_pb2.ScoreRequest()))
        await judge.entered.wait()
        drained = asyncio.create_task(server.drain(30))
        judge.leave.set()
        assert (await call).judge_version == 7
        await drained
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Score(judge_service_pb2.ScoreRequest())
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


async def test_a_server_is_as_its_settings_want_it(tmp_path: Path):
    files, key = Certificates(tmp_path), new_key("acme")
    keys = write_keys(tmp_path / "keys.toml", {key: "acme"}, "[tenants.acme]")
    environ = {
        "RATCHET_JUDGE__PORT": "0",
        "RATCHET_JUDGE__METRICS_PORT": "0",
        "RATCHET_JUDGE__REGISTRY": "r",
        "RATCHET_JUDGE__TLS__CERTIFICATE": str(files.server),
        "RATCHET_JUDGE__TLS__PRIVATE_KEY": str(files.server_key),
        "RATCHET_JUDGE__AUTH__KEYS_FILE": str(keys),
        "RATCHET_JUDGE__LIMITS__MAX_MESSAGE_BYTES": "100",
    }
    server = GrpcServer.of(load_settings(ServiceSettings, "judge", None, environ), SERVICE)
    judge_service_pb2_grpc.add_JudgeServiceServicer_to_server(Judge(), server.server)
    target = f"127.0.0.1:{await server.start()}"
    trusted = grpc.ssl_channel_credentials(files.ca.read_bytes())
    options = [("grpc.ssl_target_name_override", NAME)]
    async with grpc.aio.secure_channel(target, trusted, options) as channel:
        stub = judge_service_pb2_grpc.JudgeServiceStub(channel)
        bearing = (("authorization", f"Bearer {key}"),)
        assert (
            await stub.Compare(judge_service_pb2.CompareRequest(), metadata=bearing)
        ).a_preferred
        with pytest.raises(grpc.aio.AioRpcError, match="no API key"):
            await stub.Compare(judge_service_pb2.CompareRequest())
        with pytest.raises(grpc.aio.AioRpcError, match="at most 100 are allowed"):
            request = judge_service_pb2.CompareRequest(completion_a="x" * 150)
            await stub.Compare(request, metadata=bearing)
    await server.drain(0)


async def test_a_taken_port_is_a_config_error():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port: cannot listen on 127.0.0.1:{port}"):
            await GrpcServer("127.0.0.1", port, []).start()
