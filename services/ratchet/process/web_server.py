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
    """uvicorn on a port of its own."""

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
        self._host, self._port = host, port
        # Also here: a service starts its page when its state is read.
        _listener(host, port).close()
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, app: Any) -> int:
        """Answers by an ASGI app from now on, and returns the port.

        Raises:
            ConfigError: the port is taken.
        """
        listener = _listener(self._host, self._port)
        port = listener.getsockname()[1]
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
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            if self._task.done():
                self._task.result()
            await asyncio.sleep(START_LOOK_SECONDS)
        return port

    async def drain(self, grace_seconds: float) -> None:
        """Takes no new connection, and gives requests in flight `grace_seconds`."""
        if self._server is None or self._task is None:
            return
        self._server.config.timeout_graceful_shutdown = max(1, round(grace_seconds))
        self._server.should_exit = True
        await self._task


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leaves the signals to the service, which drains us itself."""
        yield


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family)
    except OSError as error:
        reason = error.strerror or "no such host"
        raise ConfigError(f"page_port: cannot listen on {host}:{port}: {reason}") from None
