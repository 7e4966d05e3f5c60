"""Certificates change under a server that runs."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
import trustme
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub
from tests.unit.process.certificates import NAME, Certificates, replace

from ratchet.process import grpc_metrics
from ratchet.process.certificate_files import CertificateFiles
from ratchet.process.config import ConfigError, TlsSettings
from ratchet.process.grpc_server import GrpcServer


@pytest.fixture
def files(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


@asynccontextmanager
async def serving(tls: TlsSettings) -> AsyncIterator[int]:
    server = GrpcServer("127.0.0.1", 0, [], tls)
    yield await server.start()
    await server.drain(0)


async def served(port: int) -> bytes:
    """The certificate that a new connection meets."""

    def shake_hands() -> bytes:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        with (
            socket.create_connection(("127.0.0.1", port), 10) as plain,
            context.wrap_socket(plain, server_hostname=NAME) as secured,
        ):
            found = secured.getpeercert(binary_form=True)
        assert found is not None
        return found

    return await asyncio.to_thread(shake_hands)


def first_in(file: Path) -> bytes:
    end = "-----END CERTIFICATE-----"
    return ssl.PEM_cert_to_DER_cert(file.read_text().partition(end)[0] + end)


def counted(outcome: str) -> float:
    return grpc_metrics.RELOADS.labels("certificate", outcome)._value.get()


async def test_a_new_certificate_is_served_and_old_connections_are_not_dropped(
    files: Certificates,
) -> None:
    before = counted("loaded")
    trusted = grpc.ssl_channel_credentials(files.ca.read_bytes())
    options = [("grpc.ssl_target_name_override", NAME)]
    async with (
        serving(files.tls()) as port,
        grpc.aio.secure_channel(f"127.0.0.1:{port}", trusted, options) as channel,
    ):
        health = HealthStub(channel)
        watch = health.Watch(HealthCheckRequest())
        await anext(aiter(watch))
        assert await served(port) == first_in(files.server)
        files.issue("server", NAME)
        assert await served(port) == first_in(files.server)
        assert await served(port) == first_in(files.server)
        await health.Check(HealthCheckRequest())
        assert not watch.done()  # the stream of the first connection goes on
        watch.cancel()
    assert counted("loaded") == before + 1


async def test_a_broken_file_leaves_the_last_good_pair_until_it_is_whole_again(
    files: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    before = counted("refused")
    good = first_in(files.server)
    async with serving(files.tls()) as port:
        replace(files.server, b"no certificate")
        assert await served(port) == good
        assert await served(port) == good
        assert counted("refused") == before + 1  # told once, not at every handshake
        files.server_key.unlink()
        assert await served(port) == good
        files.issue("server", NAME)
        assert await served(port) == first_in(files.server) != good
    assert f"certificate {files.server}" in caplog.text
    assert "PRIVATE KEY" not in caplog.text


async def test_an_authority_can_be_exchanged_too(files: Certificates) -> None:
    newcomer = trustme.CA()
    certificate, key = files.issue("newcomer", "new@ratchet.test", newcomer)
    credentials = grpc.ssl_channel_credentials(
        files.ca.read_bytes(), key.read_bytes(), certificate.read_bytes()
    )
    options = [("grpc.ssl_target_name_override", NAME)]
    clients = files.folder / "clients.pem"
    clients.write_bytes(files.ca.read_bytes())
    tls = files.tls().model_copy(update={"client_ca": clients})
    async with serving(tls) as port:

        async def check() -> None:
            async with grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials, options) as it:
                await HealthStub(it).Check(HealthCheckRequest())

        with pytest.raises(grpc.aio.AioRpcError):
            await check()
        replace(clients, newcomer.cert_pem.bytes())
        await check()


@pytest.mark.parametrize(
    ("spoiled", "told"),
    [("server", "certificate"), ("server_key", "private_key"), ("ca", "client_ca")],
)
async def test_files_that_are_wrong_from_the_start_end_it(
    files: Certificates, spoiled: str, told: str
) -> None:
    file = getattr(files, spoiled)
    file.write_text("no PEM")
    with pytest.raises(ConfigError, match=rf"tls: .*{told} {file}"):
        await GrpcServer("127.0.0.1", 0, [], files.tls(mutual=True)).start()
    file.unlink()
    with pytest.raises(ConfigError, match="No such file"):
        CertificateFiles(files.tls(mutual=True))


def test_a_key_of_another_certificate_is_refused(files: Certificates) -> None:
    tls = files.tls().model_copy(update={"private_key": files.client_key})
    with pytest.raises(ConfigError, match=f"private_key {files.client_key}: .*mismatch"):
        CertificateFiles(tls)
