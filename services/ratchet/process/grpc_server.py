"""The gRPC server of every service: health, reflection, rich errors, drain."""

import asyncio
import errno
import socket
from collections.abc import Sequence
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from ratchet.process.auth_interceptor import AuthInterceptor
from ratchet.process.certificate_files import CertificateFiles
from ratchet.process.config import (
    AuthSettings,
    ConfigError,
    LimitSettings,
    ServiceSettings,
    TlsSettings,
)
from ratchet.process.fault_interceptor import FaultInterceptor
from ratchet.process.tenant_book import TenantBook

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class GrpcServer:
    """A server to register servicers on; NOT_SERVING until told otherwise."""

    def __init__(
        self,
        host: str,
        port: int,
        service_names: Sequence[str],
        tls: TlsSettings = TlsSettings(),  # noqa: B008 - it cannot change
        auth: AuthSettings = AuthSettings(),  # noqa: B008
        limits: LimitSettings = LimitSettings(),  # noqa: B008
    ) -> None:
        """Must be made inside a running event loop; `service_names` are full names.

        Raises:
            ConfigError: the file of keys or a certificate cannot be used.
        """
        self._host = host
        self._port = port
        self._service_names = list(service_names)
        self._credentials = CertificateFiles(tls).credentials() if tls.certificate else None
        self._health: Any = health.aio.HealthServicer()  # pyright: ignore[reportAttributeAccessIssue]
        self._tasks: set[asyncio.Task[None]] = set()
        interceptors: list[Any] = [FaultInterceptor(limits)]
        if auth.keys_file is not None:
            interceptors.append(AuthInterceptor(TenantBook(auth.keys_file)))
        self.server: grpc.aio.Server = grpc.aio.server(
            interceptors=interceptors,
            options=[
                # gRPC's own refusals are seen by nobody: up to twice the limit they are ours.
                ("grpc.max_receive_message_length", 2 * limits.max_message_bytes),
                ("grpc.max_send_message_length", limits.max_message_bytes),
                ("grpc.max_metadata_size", 2 * limits.max_metadata_bytes),
                ("grpc.absolute_max_metadata_size", 2 * limits.max_metadata_bytes),
                # By default 1,000 to 3,000, before anything of ours could answer.
                ("grpc.server.max_pending_requests", limits.max_pending_calls),
                ("grpc.server.max_pending_requests_hard_limit", limits.max_pending_calls),
                # Or a second process would share the port instead of being told that it is taken.
                ("grpc.so_reuseport", 0),
            ],
        )

    @classmethod
    def of(cls, settings: ServiceSettings, service_name: str) -> "GrpcServer":
        """The server of a service, as its settings want it.

        Raises:
            ConfigError: the port is taken, or the file of keys or a certificate cannot be used.
        """
        # Also here: a service starts its server when its models are loaded.
        _refuse_taken(settings.host, settings.port)
        return cls(
            settings.host,
            settings.port,
            [service_name],
            settings.tls,
            settings.auth,
            settings.limits,
        )

    async def start(self) -> int:
        """Starts to listen, and returns the port.

        Raises:
            ConfigError: the port is taken.
        """
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self.server)
        reflection.enable_server_reflection(
            [*self._service_names, health.SERVICE_NAME, reflection.SERVICE_NAME], self.server
        )
        await self._set_health(_NOT_SERVING)
        address = _address(self._host, self._port)
        try:
            if self._credentials is None:
                port = self.server.add_insecure_port(address)
            else:
                port = self.server.add_secure_port(address, self._credentials)
        except RuntimeError:
            await self.server.stop(None)
            raise ConfigError(f"port: cannot listen on {address}: taken, or no such host") from None
        await self.server.start()
        return port

    def set_serving(self, serving: bool) -> None:
        """Tells health checks whether calls make sense now; takes effect on the next loop turn."""
        task = asyncio.get_running_loop().create_task(
            self._set_health(_SERVING if serving else _NOT_SERVING)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, grace_seconds: float) -> None:
        """Turns NOT_SERVING for good, refuses new calls, gives those in flight `grace_seconds`."""
        await self._health.enter_graceful_shutdown()
        await self.server.stop(grace_seconds)

    async def _set_health(self, status: Any) -> None:
        for name in ["", *self._service_names]:
            await self._health.set(name, status)


def _address(host: str, port: int) -> str:
    bare_ipv6 = ":" in host and not host.startswith("[")
    return f"[{host}]:{port}" if bare_ipv6 else f"{host}:{port}"


def _refuse_taken(host: str, port: int) -> None:
    """Raises ConfigError where somebody listens there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host.strip("[]"), port), family=family).close()
    except OSError as error:
        # Whatever else may be wrong with an address gRPC tells, which reads it in its own way.
        if error.errno == errno.EADDRINUSE:
            address = _address(host, port)
            raise ConfigError(f"port: cannot listen on {address}: it is taken") from None
