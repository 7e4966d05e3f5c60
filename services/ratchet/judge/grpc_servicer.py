"""JudgeService: scores for whoever asks, by the judge that they name."""

import math
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import grpc

from ratchet.judge import metrics
from ratchet.judge.judges.base import Ask, Critic, Item, Judge, Verdicts
from ratchet.judge.judges.settings import CANDIDATE, SERVING
from ratchet.judge.validation import critique_item, group_items, pair_items, score_items
from ratchet.process.errors import FieldNotFound, InvalidField, PermissionDenied
from ratchet.process.tenant import current_tenant
from ratchet.v1.judge_service_pb2 import (
    CompareRequest,
    CompareResponse,
    CritiqueRequest,
    CritiqueResponse,
    ListJudgesRequest,
    ListJudgesResponse,
    ScoreGroupRequest,
    ScoreGroupResponse,
    ScoreRequest,
    ScoreResponse,
)
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceServicer

SCORED, FAILED = (metrics.ITEMS.labels("grpc", outcome) for outcome in ("scored", "error"))

T = TypeVar("T")
Reply = TypeVar("Reply", ScoreResponse, ScoreGroupResponse)
Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True)
class RequestLimits:
    """How large a request may be."""

    max_items: int
    max_text_bytes: int


class JudgeServicer(JudgeServiceServicer):
    """Validates, finds the judge, asks it, answers."""

    def __init__(self, judges: Mapping[str, Judge], limits: RequestLimits) -> None:
        self._judges = judges
        self._limits = limits

    async def Score(
        self, request: ScoreRequest, context: grpc.aio.ServicerContext[ScoreRequest, ScoreResponse]
    ) -> ScoreResponse:
        """Scores a batch; items fail one by one."""
        items = score_items(request, self._limits.max_items, self._limits.max_text_bytes)
        return await self._score(ScoreResponse, items, request, context)

    async def ScoreGroup(
        self,
        request: ScoreGroupRequest,
        context: grpc.aio.ServicerContext[ScoreGroupRequest, ScoreGroupResponse],
    ) -> ScoreGroupResponse:
        """Scores the completions of one prompt."""
        items = group_items(request, self._limits.max_items, self._limits.max_text_bytes)
        return await self._score(ScoreGroupResponse, items, request, context)

    async def Compare(
        self,
        request: CompareRequest,
        context: grpc.aio.ServicerContext[CompareRequest, CompareResponse],
    ) -> CompareResponse:
        """Scores two answers to one prompt; without both scores there is no comparison."""
        item_a, item_b = pair_items(request, self._limits.max_text_bytes)
        name, judge = self._judge(request.judge)
        ask = _ask(request, context)
        found = await _in_time(judge.compare(item_a, item_b, ask), context)
        verdicts = found.verdicts
        _count(verdicts)
        return CompareResponse(
            a_preferred=(found.shown_first + found.shown_second) / 2,
            a_preferred_shown_first=found.shown_first,
            a_preferred_shown_second=found.shown_second,
            item_a=verdicts.items[0],
            item_b=verdicts.items[1],
            judge_version=verdicts.judge_version,
            standard_id=verdicts.standard_id,
            standard_version=verdicts.standard_version,
            judge=name,
        )

    async def Critique(
        self,
        request: CritiqueRequest,
        context: grpc.aio.ServicerContext[CritiqueRequest, CritiqueResponse],
    ) -> CritiqueResponse:
        """Has a judge that can write say what is wrong with an answer."""
        item = critique_item(request, self._limits.max_text_bytes)
        name, judge = self._judge(request.judge)
        if not judge.info().writes_critiques:
            raise InvalidField("judge", f"{name!r} writes no critiques")
        ask = Ask(deadline=_deadline(context))
        return await _in_time(cast("Critic", judge).critique(item, ask), context)

    async def ListJudges(
        self,
        request: ListJudgesRequest,
        context: grpc.aio.ServicerContext[ListJudgesRequest, ListJudgesResponse],
    ) -> ListJudgesResponse:
        """Every judge that the caller can name."""
        return ListJudgesResponse(judges=[self._judges[name].info() for name in self._callable()])

    async def _score(
        self,
        reply: type[Reply],
        items: Sequence[Item],
        request: ScoreRequest | ScoreGroupRequest,
        context: Context,
    ) -> Reply:
        name, judge = self._judge(request.judge)
        verdicts = await _in_time(judge.score(items, _ask(request, context)), context)
        _count(verdicts)
        return reply(
            items=verdicts.items,
            judge_version=verdicts.judge_version,
            standard_id=verdicts.standard_id,
            standard_version=verdicts.standard_version,
            judge=name,
        )

    def _judge(self, asked: str) -> tuple[str, Judge]:
        name = asked or SERVING
        tenant = current_tenant()
        if not tenant.may_call(name):
            raise PermissionDenied("judge", f"tenant {tenant.name!r} may not call {name!r}")
        if judge := self._judges.get(name):
            return name, judge
        if name == CANDIDATE:
            raise FieldNotFound("judge", "there is no candidate: no version waits to be proven")
        raise FieldNotFound("judge", f"no judge {name!r} (are: {', '.join(self._callable())})")

    def _callable(self) -> list[str]:
        return [name for name in self._judges if current_tenant().may_call(name)]


def _ask(request: ScoreRequest | ScoreGroupRequest | CompareRequest, context: Context) -> Ask:
    return Ask(request.standard_id, request.judge_version, request.truncate, _deadline(context))


def _deadline(context: Context) -> float:
    """On `time.monotonic`'s clock."""
    remaining = context.time_remaining()
    # None without a deadline, whatever the stubs say.
    unbounded = remaining is None  # pyright: ignore[reportUnnecessaryComparison]
    return math.inf if unbounded else time.monotonic() + remaining


async def _in_time(work: Awaitable[T], context: Context) -> T:
    try:
        return await work
    except TimeoutError as error:
        await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, str(error))
        raise


def _count(verdicts: Verdicts) -> None:
    errors = sum(item.judgement.HasField("error") for item in verdicts.items)
    if errors:
        FAILED.inc(errors)
    SCORED.inc(len(verdicts.items) - errors)
