"""Pages over HTTP and TLS, by a real server on a real port."""

import asyncio
import socket
import ssl
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from tests.unit.process.certificates import NAME, Certificates
from tests.unit.process.test_certificate_files import first_in, served

from ratchet.process.config import ConfigError
from ratchet.process.web_server import WebServer


class SlowPage:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.app = Starlette(routes=[Route("/", self.page)])

    async def page(self, request: Request) -> PlainTextResponse:
        self.asked.set()
        await self.may_answer.wait()
        return PlainTextResponse("here you are")


async def test_a_taken_port_is_named() -> None:
    early = WebServer("127.0.0.1", 0)
    port = await early.start(SlowPage().app)
    with pytest.raises(ConfigError, match=f"page_port: cannot listen on .*:{port}: .* in use"):
        WebServer("127.0.0.1", port)
    await early.drain(0)
    late = WebServer("127.0.0.1", port)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(ConfigError, match="page_port"):
        await late.start(SlowPage().app)
    await late.drain(0)


async def test_a_request_in_flight_is_answered_before_the_end() -> None:
    page = SlowPage()
    server = WebServer("127.0.0.1", 0)
    port = await server.start(page.app)
    async with httpx.AsyncClient() as client:
        call = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/"))
        await page.asked.wait()
        drained = asyncio.create_task(server.drain(30))
        page.may_answer.set()
        assert (await call).text == "here you are"
        await drained
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/")


async def test_a_renewed_certificate_is_served_to_new_connections(tmp_path: Path) -> None:
    files = Certificates(tmp_path)
    server = WebServer("127.0.0.1", 0, files.tls())
    port = await server.start(SlowPage().app)
    old = first_in(files.server)
    assert await served(port) == old
    files.issue("server", NAME)
    assert await served(port) == first_in(files.server) != old
    files.server.write_text("spoiled")
    assert await served(port) not in (old, b"")  # the last good one
    await server.drain(0)


async def test_with_a_client_ca_strangers_are_turned_away(tmp_path: Path) -> None:
    files = Certificates(tmp_path)
    page = SlowPage()
    page.may_answer.set()
    server = WebServer("127.0.0.1", 0, files.tls(mutual=True))
    port = await server.start(page.app)
    trusting = ssl.create_default_context(cafile=str(files.ca))
    known = ssl.create_default_context(cafile=str(files.ca))
    known.load_cert_chain(files.client, files.client_key)
    url = f"https://127.0.0.1:{port}/"
    extensions = {"sni_hostname": NAME}
    async with httpx.AsyncClient(verify=known) as client:
        assert (await client.get(url, extensions=extensions)).text == "here you are"
    async with httpx.AsyncClient(verify=trusting) as stranger:
        with pytest.raises((httpx.ReadError, httpx.ConnectError)):
            await stranger.get(url, extensions=extensions)
    await server.drain(0)


async def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    files = Certificates(tmp_path)
    files.server.write_text("spoiled")
    with pytest.raises(ConfigError, match=r"tls: certificate .*server\.pem"):
        WebServer("127.0.0.1", 0, files.tls())
