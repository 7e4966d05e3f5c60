"""Judges whose model runs in this server: tokenize, queue, score."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import grpc

from ratchet.judge.answers import (
    Answer,
    Tokenizer,
    check_vocabulary,
    is_tokenized,
    share_prompts,
    token_group,
    tokenize,
)
from ratchet.judge.batching import BatchQueue
from ratchet.judge.judgement import failed
from ratchet.judge.judges.base import Ask, Comparison, Item, Verdicts, compare_by_scores
from ratchet.judge.score_cache import ScoreCache, key_of
from ratchet.judge.submission import Failed, Scored
from ratchet.judge.versions import Version, Versions
from ratchet.process.conversation import TemplateRefuses
from ratchet.process.errors import InvalidField
from ratchet.process.tenant import current_tenant
from ratchet.reward.packing import TokenGroup
from ratchet.v1.judge_service_pb2 import JudgeInfo, ScoredItem
from ratchet.v1.judgement_pb2 import Judgement, Timings

V = TypeVar("V", bound=Version)
R = TypeVar("R")


@dataclass(frozen=True)
class LocalLimits:
    """What a local judge can take."""

    context_tokens: int
    """longest prompt with its completion"""
    vocabulary: int
    """token ids lie below"""
    max_group_tokens: int
    """answers to one prompt are scored together up to this size"""


class LocalJudge(Generic[V, R]):
    """Scores through the batch queue of its model; one request is scored by one version.

    Args:
        name: as requests give it.
        kind: what `JudgeInfo.kind` says.
        versions: which version answers.
        queue: before the model; R is what the model makes of one group.
        read: the judgement of one row of R; the string names the completion in an error.
        tokenizer: of the model.
        limits: of the model.
        outputs: names of what `Judgement.outputs` holds.
        cached_scores: judgements that are kept for answers that come again.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        versions: Versions[V],
        queue: BatchQueue[V, TokenGroup, R],
        read: Callable[[V, R, int, str], Judgement],
        tokenizer: Tokenizer,
        limits: LocalLimits,
        outputs: Sequence[str] = (),
        cached_scores: int = 0,
    ) -> None:
        self._name = name
        self._kind = kind
        self._versions = versions
        self._queue = queue
        self._read = read
        self._tokenizer = tokenizer
        self._limits = limits
        self._outputs = outputs
        self._cache = ScoreCache(cached_scores)

    def info(self) -> JudgeInfo:
        """What can be asked of it now: no version before one was proven."""
        serving = self._versions.serving
        return JudgeInfo(
            name=self._name,
            kind=self._kind,
            versions=[version.number for version in self._versions.loaded if version.number],
            standard_id=serving.standard_id if serving else "",
            standard_version=serving.standard_version if serving else 0,
            context_tokens=self._limits.context_tokens,
            outputs=self._outputs,
            takes_token_ids=True,
        )

    async def score(self, items: Sequence[Item], ask: Ask) -> Verdicts:
        """Scores items; one that does not fit the context gets an error of its own."""
        began = time.monotonic()
        version = self._versions.find(ask.standard_id, ask.judge_version)
        if all(map(is_tokenized, items)):
            answers = self._tokenize(items, ask.truncate)
        else:
            answers = await asyncio.to_thread(self._tokenize, items, ask.truncate)
        keys = [key_of(version.number, answer) for answer in answers] if self._cache else []
        known = {i: kept for i, key in enumerate(keys) if (kept := self._cache.get(key))}
        groups = share_prompts(answers, self._limits.max_group_tokens, known)
        packed = [token_group([answers[i] for i in group]) for group in groups]
        tenant = current_tenant()
        prepared = time.monotonic()
        with tenant.charged(sum(group.length for group in packed)):
            outcomes = await self._queue.submit(
                version, packed, ask.deadline, tenant.name, tenant.queue_share
            )
        scored = {i: _item(answers[i], kept, cached=True) for i, kept in known.items()}
        for group, outcome in zip(groups, outcomes, strict=True):
            for row, i in enumerate(group):
                field = items[i].completion_field
                if isinstance(outcome, Failed):
                    reason = failed(grpc.StatusCode.INTERNAL, outcome.reason, field)
                    scored[i] = _item(answers[i], reason)
                else:
                    judgement = self._read(version, outcome.result, row, field)
                    times = outcome.queued_seconds, outcome.model_seconds
                    scored[i] = _item(answers[i], judgement, *times)
                    if keys:
                        self._cache.put(keys[i], judgement)
        every = [
            scored.get(i) or _unfit(answer, items[i].completion_field)
            for i, answer in enumerate(answers)
        ]
        scores = [each for each in outcomes if isinstance(each, Scored)]
        taken = max((each.queued_seconds + each.model_seconds for each in scores), default=0.0)
        reading = time.monotonic() - prepared - taken
        for each in every:  # So that those of the item that came last are the whole call's.
            each.timings.tokenized_seconds = prepared - began
            if each.timings.model_seconds:
                each.timings.model_seconds += reading
        return Verdicts(every, version.number, version.standard_id, version.standard_version)

    async def compare(self, item_a: Item, item_b: Item, ask: Ask) -> Comparison:
        """Each answer is read on its own. Raises an RpcFault where one has no score."""
        return await compare_by_scores(self, item_a, item_b, ask)

    def _tokenize(self, items: Sequence[Item], truncate: bool) -> list[Answer]:
        limits = self._limits
        answers: list[Answer] = []
        for item in items:
            try:
                answers.append(tokenize(item, self._tokenizer, limits.context_tokens, truncate))
            except TemplateRefuses as error:
                raise InvalidField(item.messages_field, str(error)) from None
        return check_vocabulary(answers, limits.vocabulary)


def _item(
    answer: Answer,
    judgement: Judgement,
    queued_seconds: float = 0.0,
    model_seconds: float = 0.0,
    cached: bool = False,
) -> ScoredItem:
    timings = Timings(queued_seconds=queued_seconds, model_seconds=model_seconds)
    return ScoredItem(
        judgement=judgement, timings=timings, truncated=answer.truncated, cached=cached
    )


def _unfit(answer: Answer, field: str) -> ScoredItem:
    return _item(answer, failed(grpc.StatusCode.INVALID_ARGUMENT, answer.problem, field))
