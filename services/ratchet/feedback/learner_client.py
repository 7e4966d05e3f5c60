"""What people ask of the learner through the page."""

import re
import ssl
from typing import Any

import grpc

from ratchet.client.connection import Connection
from ratchet.client.tls import Tls
from ratchet.feedback.config import LearnerSettings
from ratchet.process.actor import ACTOR_METADATA
from ratchet.process.config import ConfigError
from ratchet.process.errors import FailedPrecondition, FieldNotFound, Unavailable
from ratchet.v1.weights_pb2 import (
    GetProgressRequest,
    GetProgressResponse,
    ListVersionsRequest,
    PauseRequest,
    PromoteRequest,
    ResumeRequest,
    Role,
    RollbackRequest,
)
from ratchet.v1.weights_pb2_grpc import WeightsServiceStub

ANSWER_SECONDS = 5.0
COMMAND_SECONDS = 60.0
"""A command waits for the step that the learner is in."""
PAUSE_SECONDS = 3.0
"""Between two tries to connect, at most: people wait for a learner that was started again."""


class LearnerClient:
    """Calls `WeightsService`, each command in the name of the person who asks for it.

    Every method raises FailedPrecondition or FieldNotFound as the learner does, and Unavailable
    where it cannot be reached, or this service was not told where it is; in words for people.
    """

    def __init__(self, settings: LearnerSettings) -> None:
        """Must be made inside a running event loop. It connects at the first call.

        Raises:
            ConfigError: the address makes no sense, or a file cannot be read or used.
        """
        self._address = settings.address
        self._metadata: tuple[tuple[str, str], ...] = ()
        self._channel: grpc.aio.Channel | None = None
        if settings.address is None:
            return
        key, tls = _api_key(settings), _tls(settings)
        connection = Connection(settings.address, key, tls, longest_pause=PAUSE_SECONDS)
        try:
            self._channel = connection.aio_channel()
        except ValueError as error:
            raise ConfigError(f"learner.address: {error}") from None
        self._metadata = connection.metadata()

    @property
    def is_known(self) -> bool:
        """Whether this service was told where the learner is."""
        return self._channel is not None

    async def progress(self) -> GetProgressResponse:
        """What it does now."""
        return await self._call("GetProgress", GetProgressRequest(), timeout=ANSWER_SECONDS)

    async def kept_versions(self, role: Role) -> set[int]:
        """Versions whose files are there: only these can be put in use."""
        request = ListVersionsRequest(role=role)
        reply = await self._call("ListVersions", request, timeout=ANSWER_SECONDS)
        return {manifest.version for manifest in reply.manifests}

    async def promote(self, actor: str, role: Role, version: int, epoch: int) -> None:
        """Puts a version in use, and makes it the floor.

        `epoch`: the pointer's that the actor has seen; with another in force it is not done.
        """
        request = PromoteRequest(role=role, version=version, expected_epoch=epoch)
        await self._call("Promote", request, actor)

    async def roll_back(self, actor: str, role: Role, epoch: int) -> None:
        """Goes back to the floor; `epoch` as for `promote`."""
        await self._call("Rollback", RollbackRequest(role=role, expected_epoch=epoch), actor)

    async def pause(self, actor: str) -> None:
        """Stops learning while serving goes on."""
        await self._call("Pause", PauseRequest(), actor)

    async def resume(self, actor: str) -> None:
        """Ends a pause, or a halt."""
        await self._call("Resume", ResumeRequest(), actor)

    async def close(self) -> None:
        """Disconnects."""
        if self._channel is not None:
            await self._channel.close()

    async def _call(
        self, method: str, request: Any, actor: str = "", timeout: float = COMMAND_SECONDS
    ) -> Any:
        if self._channel is None:
            raise Unavailable("learner: this page was not told where the learner is")
        metadata: tuple[tuple[str, str | bytes], ...] = self._metadata
        if actor:
            metadata = (*metadata, (ACTOR_METADATA, actor.encode()))
        call = getattr(WeightsServiceStub(self._channel), method)
        try:
            return await call(request, timeout=timeout, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            raise self._fault(error) from error

    def _fault(self, error: grpc.aio.AioRpcError) -> Exception:
        said = error.details() or ""
        match error.code():
            case grpc.StatusCode.NOT_FOUND:
                return FieldNotFound("learner", said)
            case grpc.StatusCode.FAILED_PRECONDITION:
                return FailedPrecondition(f"learner: {said}")
            case grpc.StatusCode.UNAUTHENTICATED | grpc.StatusCode.PERMISSION_DENIED:
                return FailedPrecondition("learner: the learner does not take this service's key")
            case grpc.StatusCode.DEADLINE_EXCEEDED:
                return Unavailable(
                    f"learner: the learner did not answer in time at {self._address}: what was "
                    "asked may still be done, so look at the status before you ask again"
                )
            case grpc.StatusCode.UNAVAILABLE:
                return Unavailable(
                    f"learner: the learner cannot be reached at {self._address}: see that it runs, "
                    "and look at the status before you ask again"
                )
            case _:
                return Unavailable(f"learner: the learner failed: {said}")


def _api_key(settings: LearnerSettings) -> str:
    """Empty where none is named."""
    if settings.key_file is None:
        return ""
    try:
        key = settings.key_file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise ConfigError(f"learner.key_file: {settings.key_file}: {error.strerror}") from None
    if not re.fullmatch("[!-~]+", key):  # gRPC would fail at each call, and not say why.
        raise ConfigError(f"learner.key_file: {settings.key_file}: holds no API key")
    return key


def _tls(settings: LearnerSettings) -> Tls | None:
    """None where it is not asked for. OpenSSL tries the files, for gRPC tells of them too late."""
    if settings.ca is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(settings.ca)
    except OSError as error:
        raise ConfigError(f"learner.ca: {settings.ca}: {error.strerror}") from None
    if settings.certificate is not None:
        pair = f"certificate {settings.certificate}, private_key {settings.private_key}"
        try:
            # A password, or OpenSSL would ask for that of an encrypted key at the terminal.
            context.load_cert_chain(settings.certificate, settings.private_key, password="")
        except OSError as error:
            raise ConfigError(f"learner: {pair}: {error.strerror}") from None
    return Tls(settings.ca, settings.certificate, settings.private_key)
