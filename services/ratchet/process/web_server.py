"""The web server of a service's pages, in the service's own event loop."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Generator
from typing import Any

import uvicorn

from ratchet.process.certificate_files import CertificateFiles
from ratchet.process.config import ConfigError, TlsSettings

START_LOOK_SECONDS = 0.01
MOST_CONNECTIONS = 500
"""Above these the answer is 503. A page that is open holds one."""
MOST_HEADER_BYTES = 16 * 1024


class WebServer:
    """uvicorn on a port that is held from the beginning, and answers once it is started."""

    def __init__(
        self,
        host: str,
        port: int,
        tls: TlsSettings = TlsSettings(),  # noqa: B008 - it cannot change
    ) -> None:
        """Port 0 picks a free one.

        Raises:
            ConfigError: the port is taken, there is no such host, or a certificate cannot be used.
        """
        self._certificates = CertificateFiles(tls) if tls.certificate else None
        self._socket = _bound(host, port)
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """That it holds."""
        return self._socket.getsockname()[1]

    async def start(self, app: Any) -> None:
        """Answers by an ASGI app from now on."""
        logging.getLogger("uvicorn").setLevel(logging.WARNING)  # INFO tells of its own start
        files = self._certificates
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            h11_max_incomplete_event_size=MOST_HEADER_BYTES,
            ssl_context_factory=files and (lambda _config, _default: files.ssl_context()),
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            if self._task.done():
                self._task.result()
            await asyncio.sleep(START_LOOK_SECONDS)

    async def drain(self, grace_seconds: float) -> None:
        """Takes no new connection, and gives requests in flight `grace_seconds`."""
        if self._server is None or self._task is None:
            self._socket.close()
            return
        self._server.config.timeout_graceful_shutdown = max(1, round(grace_seconds))
        self._server.should_exit = True
        await self._task


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leaves the signals to the service, which drains us itself."""
        yield


def _bound(host: str, port: int) -> socket.socket:
    """Nobody else can take the port, and a client that comes too early is told so."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except OSError as error:
        listener.close()
        reason = error.strerror or "no such host"
        raise ConfigError(f"page_port: cannot listen on {host}:{port}: {reason}") from None
    return listener
