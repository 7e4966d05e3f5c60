"""A judge, over gRPC."""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

import grpc

from load_tests.content import Content
from load_tests.tally import OK
from load_tests.target import NotReady
from ratchet.client.connection import Connection
from ratchet.process.packed import pack_u32
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import ScoreGroupRequest, ScoreItem, ScoreRequest
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceStub

if TYPE_CHECKING:
    from ratchet.v1.judge_service_pb2_grpc import JudgeServiceAsyncStub

ITEM_FAILED = "ITEM_FAILED"
"""The call was OK and one of its answers had an error in place of a score."""


@dataclass(frozen=True)
class GrpcSettings:
    """A judge of a server, and how it is asked."""

    connection: Connection
    """Its deadline is each call's; calls are sent once, whatever its retries say."""
    content: Content
    judge: str = ""
    method: Literal["Score", "ScoreGroup"] = "Score"
    token_ids: bool = False
    """Rather than texts."""
    ready: float = 10.0
    """Seconds that the server has to accept a connection."""

    def open(self) -> "GrpcTarget":
        """A channel of its own."""
        return GrpcTarget(self)


class GrpcTarget:
    """One channel: one HTTP/2 connection to each replica."""

    def __init__(self, settings: GrpcSettings) -> None:
        self._settings = settings
        self._metadata = settings.connection.metadata()

    async def __aenter__(self) -> Self:
        """Connects. Raises NotReady where nobody answers, ValueError for a target without sense."""
        self._channel = self._settings.connection.aio_channel()
        self._stub: JudgeServiceAsyncStub = JudgeServiceStub(self._channel)
        try:
            await asyncio.wait_for(self._channel.channel_ready(), self._settings.ready)
        except TimeoutError:
            await self._channel.close()
            target, seconds = self._settings.connection.target, self._settings.ready
            raise NotReady(f"target {target}: no connection in {seconds:g} s") from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes the channel."""
        await self._channel.close()

    def prepare(self, number: int) -> ScoreRequest | ScoreGroupRequest:
        """The call with this number."""
        build = _score if self._settings.method == "Score" else _score_group
        return build(self._settings, number)

    async def send(self, request: ScoreRequest | ScoreGroupRequest) -> str:
        """The name of gRPC's status code, or ITEM_FAILED."""
        timeout, metadata = self._settings.connection.deadline, self._metadata
        try:
            if isinstance(request, ScoreRequest):
                reply = await self._stub.Score(request, timeout=timeout, metadata=metadata)
            else:
                reply = await self._stub.ScoreGroup(request, timeout=timeout, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            return error.code().name
        failed = any(item.judgement.HasField("error") for item in reply.items)
        return ITEM_FAILED if failed else OK


def _score(settings: GrpcSettings, number: int) -> ScoreRequest:
    if settings.token_ids:
        prompt_ids, completions_ids = settings.content.ids(number)
        packed = pack_u32(prompt_ids)
        items = [
            ScoreItem(prompt_token_ids=packed, completion_token_ids=pack_u32(ids))
            for ids in completions_ids
        ]
    else:
        prompt, completions = settings.content.texts(number)
        messages = [Message(role="user", content=prompt)]
        items = [ScoreItem(messages=messages, completion=text) for text in completions]
    return ScoreRequest(items=items, judge=settings.judge)


def _score_group(settings: GrpcSettings, number: int) -> ScoreGroupRequest:
    if settings.token_ids:
        prompt_ids, completions_ids = settings.content.ids(number)
        return ScoreGroupRequest(
            prompt_token_ids=pack_u32(prompt_ids),
            completion_token_ids=[pack_u32(ids) for ids in completions_ids],
            judge=settings.judge,
        )
    prompt, completions = settings.content.texts(number)
    messages = [Message(role="user", content=prompt)]
    return ScoreGroupRequest(messages=messages, completions=completions, judge=settings.judge)
