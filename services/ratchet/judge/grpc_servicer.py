"""JudgeService: scores for whoever asks."""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import grpc

from ratchet.judge import metrics
from ratchet.judge.answers import Answer, Tokenizer, share_prompts, token_group, tokenize
from ratchet.judge.batching import BatchQueue, Failed
from ratchet.judge.judgement import failed, judgement, preferred
from ratchet.judge.validation import check_compare, check_score
from ratchet.judge.versions import JudgeVersion, Versions
from ratchet.process.conversation import TemplateRefuses
from ratchet.process.errors import InvalidField
from ratchet.reward.heads import Scores
from ratchet.reward.packing import TokenGroup
from ratchet.v1.judge_service_pb2 import (
    CompareRequest,
    CompareResponse,
    ScoredItem,
    ScoreItem,
    ScoreRequest,
    ScoreResponse,
)
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceServicer
from ratchet.v1.judgement_pb2 import Timings


@dataclass(frozen=True)
class RequestLimits:
    """How large a request may be."""

    context_tokens: int
    max_items: int
    max_text_bytes: int
    max_group_tokens: int
    """Answers to one prompt are scored together up to this size."""


class ItemFields(NamedTuple):
    """Where an item stands in its request."""

    messages: str
    completion: str


class JudgeServicer(JudgeServiceServicer):
    """Validates, tokenizes, queues, answers. One request is scored by one version."""

    def __init__(
        self,
        versions: Versions,
        queue: BatchQueue[JudgeVersion, TokenGroup, Scores],
        tokenizer: Tokenizer,
        limits: RequestLimits,
    ) -> None:
        self._versions = versions
        self._queue = queue
        self._tokenizer = tokenizer
        self._limits = limits

    async def Score(
        self, request: ScoreRequest, context: grpc.aio.ServicerContext[ScoreRequest, ScoreResponse]
    ) -> ScoreResponse:
        """Scores a batch; an item that does not fit the context gets an error of its own."""
        check_score(request, self._limits.max_items, self._limits.max_text_bytes)
        version = self._versions.find(request.standard_id, request.judge_version)
        fields = [
            ItemFields(f"items[{i}].messages", f"items[{i}].completion")
            for i in range(len(request.items))
        ]
        items = await self._score(version, request.items, fields, request.truncate, context)
        return ScoreResponse(
            items=items,
            judge_version=version.number,
            standard_id=version.heads.standard_id,
            standard_version=version.heads.standard_version,
        )

    async def Compare(
        self,
        request: CompareRequest,
        context: grpc.aio.ServicerContext[CompareRequest, CompareResponse],
    ) -> CompareResponse:
        """Scores two answers to one prompt; without both scores there is no comparison."""
        check_compare(request, self._limits.max_text_bytes)
        version = self._versions.find(request.standard_id, request.judge_version)
        pair = [
            ScoreItem(messages=request.messages, completion=completion)
            for completion in (request.completion_a, request.completion_b)
        ]
        fields = [ItemFields("messages", name) for name in ("completion_a", "completion_b")]
        items = await self._score(version, pair, fields, request.truncate, context)
        for item in items:
            error = item.judgement.error
            if error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]:
                raise InvalidField(error.field, error.message)
            if error.code:
                await context.abort(grpc.StatusCode.INTERNAL, f"{error.field}: {error.message}")
        return CompareResponse(
            a_preferred=preferred(items[0].judgement, items[1].judgement),
            item_a=items[0],
            item_b=items[1],
            judge_version=version.number,
            standard_id=version.heads.standard_id,
            standard_version=version.heads.standard_version,
        )

    async def _score(
        self,
        version: JudgeVersion,
        items: Sequence[ScoreItem],
        fields: Sequence[ItemFields],
        truncate: bool,
        context: grpc.aio.ServicerContext[ScoreRequest, ScoreResponse]
        | grpc.aio.ServicerContext[CompareRequest, CompareResponse],
    ) -> list[ScoredItem]:
        answers = await asyncio.to_thread(self._tokenize, items, fields, truncate)
        groups = share_prompts(answers, self._limits.max_group_tokens)
        remaining = context.time_remaining()
        # None without a deadline, whatever the stubs say.
        unbounded = remaining is None  # pyright: ignore[reportUnnecessaryComparison]
        deadline = math.inf if unbounded else time.monotonic() + remaining
        try:
            outcomes = await self._queue.submit(
                version, [token_group([answers[i] for i in group]) for group in groups], deadline
            )
        except TimeoutError as error:
            await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, str(error))
        scored = [
            _too_long(answer, field.completion)
            for answer, field in zip(answers, fields, strict=True)
        ]
        for group, outcome in zip(groups, outcomes, strict=True):
            for row, i in enumerate(group):
                if isinstance(outcome, Failed):
                    found = failed(grpc.StatusCode.INTERNAL, outcome.reason, fields[i].completion)
                    scored[i].judgement.CopyFrom(found)
                    continue
                found = judgement(version, outcome.result, row, fields[i].completion)
                scored[i].judgement.CopyFrom(found)
                scored[i].timings.queued_seconds = outcome.queued_seconds
                scored[i].timings.model_seconds = outcome.model_seconds
        for item in scored:
            label = "error" if item.judgement.HasField("error") else "scored"
            metrics.ITEMS.labels("grpc", label).inc()
        return scored

    def _tokenize(
        self, items: Sequence[ScoreItem], fields: Sequence[ItemFields], truncate: bool
    ) -> list[Answer]:
        answers: list[Answer] = []
        for item, field in zip(items, fields, strict=True):
            try:
                found = tokenize(item, self._tokenizer, self._limits.context_tokens, truncate)
            except TemplateRefuses as error:
                raise InvalidField(field.messages, str(error)) from None
            answers.append(found)
        return answers


def _too_long(answer: Answer, field: str) -> ScoredItem:
    """An item without its score: with an error where there will be none."""
    item = ScoredItem(truncated=answer.truncated, timings=Timings(tokenized_seconds=answer.seconds))
    if answer.too_long:
        error = failed(grpc.StatusCode.INVALID_ARGUMENT, answer.too_long, field)
        item.judgement.CopyFrom(error)
    return item
