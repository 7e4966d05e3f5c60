"""Asking a judge from asyncio."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Self, TypeVar, Unpack, overload

from grpc import aio

from ratchet.client import asks
from ratchet.client.comparison import Comparison
from ratchet.client.connection import Connection
from ratchet.client.critique import Critique
from ratchet.client.errors import JudgeCallError
from ratchet.client.judge_info import JudgeInfo
from ratchet.client.retries import Retries
from ratchet.client.score import Score
from ratchet.client.text import Completion, Prompt, TokenIds, messages
from ratchet.client.tls import Tls
from ratchet.v1 import judge_service_pb2 as pb
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceStub

Answer = TypeVar("Answer")


class AsyncJudgeClient:
    """A judge service, of one replica or several; used from one event loop.

    Every call waits for a server that is not up yet, is sent again where that can help, and raises
    JudgeCallError at its deadline at the latest. Input that cannot be sent raises ValueError.
    """

    def __init__(
        self,
        target: str,
        *,
        api_key: str = "",
        tls: Tls | None = None,
        deadline: float = 30.0,
        retries: Retries | None = None,
    ) -> None:
        """Connects when first asked.

        Args:
            target: "host:port", or several with commas between, which take turns.
            api_key: sent as `authorization: Bearer`.
            tls: None: the connection is not secured.
            deadline: seconds of a call, its retries in them; a call may name its own.
            retries: the budget of a call.
        """
        self._connection = Connection(target, api_key, tls, deadline, retries or Retries())
        self._channel = self._connection.aio_channel()
        self._stub = JudgeServiceStub(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the connections, and the calls in flight with them."""
        await self._channel.close()

    @overload
    async def score(
        self,
        messages: Prompt,
        completions: str | TokenIds,
        *,
        deadline: float | None = None,
        **options: Unpack[asks.Options],
    ) -> Score: ...

    @overload
    async def score(
        self,
        messages: Prompt,
        completions: Sequence[str] | Sequence[TokenIds],
        *,
        deadline: float | None = None,
        **options: Unpack[asks.Options],
    ) -> list[Score]: ...

    async def score(
        self,
        messages: Prompt,
        completions: Any,
        *,
        deadline: float | None = None,
        **options: Unpack[asks.Options],
    ) -> Score | list[Score]:
        """Scores an answer to a prompt, or several, for which the prompt is read once."""
        one = asks.is_one(completions)
        group: Sequence[Completion] = [completions] if one else completions
        request = asks.score_group(messages, group, **options)
        answer: pb.ScoreGroupResponse = await self._call(self._stub.ScoreGroup, request, deadline)
        scores = [Score.of(item, answer) for item in answer.items]
        return scores[0] if one else scores

    async def score_batch(
        self,
        items: Sequence[tuple[Prompt, Completion]],
        *,
        deadline: float | None = None,
        **options: Unpack[asks.Options],
    ) -> list[Score]:
        """Scores (prompt, answer) pairs in one call, by one version of the judge."""
        request = asks.score(items, **options)
        answer: pb.ScoreResponse = await self._call(self._stub.Score, request, deadline)
        return [Score.of(item, answer) for item in answer.items]

    async def compare(
        self,
        messages: Prompt,
        completion_a: Completion,
        completion_b: Completion,
        *,
        deadline: float | None = None,
        **options: Unpack[asks.Options],
    ) -> Comparison:
        """Compares two answers to one prompt, in both orders where the order can matter."""
        request = asks.compare(messages, completion_a, completion_b, **options)
        return Comparison.of(await self._call(self._stub.Compare, request, deadline))

    async def critique(
        self, prompt: Prompt, completion: str, *, judge: str = "", deadline: float | None = None
    ) -> Critique:
        """Says in words what is wrong with an answer; of a judge that writes critiques."""
        request = pb.CritiqueRequest(messages=messages(prompt), completion=completion, judge=judge)
        return Critique.of(await self._call(self._stub.Critique, request, deadline))

    async def judges(self, *, deadline: float | None = None) -> list[JudgeInfo]:
        """The judges that a call can name."""
        answer = await self._call(self._stub.ListJudges, pb.ListJudgesRequest(), deadline)
        return [JudgeInfo.of(info) for info in answer.judges]

    async def _call(
        self, method: aio.UnaryUnaryMultiCallable[Any, Answer], request: Any, deadline: float | None
    ) -> Answer:
        connection = self._connection
        end = time.monotonic() + (connection.deadline if deadline is None else deadline)
        attempt = 0
        while True:
            attempt += 1
            try:
                return await method(
                    request,
                    timeout=max(end - time.monotonic(), 0.0),
                    metadata=connection.metadata(),
                    wait_for_ready=True,
                )
            except aio.AioRpcError as error:
                delay = connection.retries.delay(error, attempt, end - time.monotonic())
                if delay is None:
                    raise JudgeCallError(error, connection.target) from None
            await asyncio.sleep(delay)
