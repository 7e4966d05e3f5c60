"""Judges whose model runs in this server: tokenize, queue, score."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import grpc

from ratchet.judge.answers import (
    Answer,
    Tokenizer,
    check_vocabulary,
    is_tokenized,
    least_sizes,
    share_prompts,
    token_group,
    tokenize,
)
from ratchet.judge.batching import BatchQueue
from ratchet.judge.judgement import failed
from ratchet.judge.judges.base import (
    Ask,
    Comparison,
    Item,
    Verdicts,
    compare_by_scores,
    refuse_token_ids,
)
from ratchet.judge.score_cache import ScoreCache, key_of
from ratchet.judge.submission import Failed, Outcome
from ratchet.judge.versions import Version, Versions
from ratchet.process.tenant import current_tenant
from ratchet.reward.packing import TokenGroup
from ratchet.v1.judge_service_pb2 import JudgeInfo, ScoredItem
from ratchet.v1.judgement_pb2 import Judgement, Timings

V = TypeVar("V", bound=Version)
R = TypeVar("R")

INVALID = grpc.StatusCode.INVALID_ARGUMENT

VersionIn = TypeVar("VersionIn", contravariant=True)


class Checks(Protocol[VersionIn, R]):
    """What a program tells of answers, beside what the model makes of them."""

    def applies(self, version: VersionIn) -> bool:
        """Whether there is anything to tell; only then texts are needed."""
        ...

    async def obeyed(
        self, version: VersionIn, scores: R, texts: Sequence[tuple[str, str]], deadline: float
    ) -> R:
        """What the model made of a group's prompts and answers, with what is told of them."""
        ...


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
        cached_scores: judgements that are kept for answers that come again; where checks apply,
            none are: the same tokens may be of other texts.
        checks: what is told beside the model.
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
        checks: Checks[V, R] | None = None,
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
        self._checks = checks

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
            takes_token_ids=not (serving and self._checked_by(serving)),
        )

    async def score(self, items: Sequence[Item], ask: Ask) -> Verdicts:
        """Scores items; one that does not fit the context gets an error of its own."""
        began = time.monotonic()
        version = self._versions.find(ask.standard_id, ask.judge_version)
        checks = self._checked_by(version)
        if checks:
            refuse_token_ids(items)
        tenant = current_tenant()
        if all(map(is_tokenized, items)):
            answers = self._tokenize(items, ask.truncate)
        else:
            # Overload shall cost little: what a full queue will refuse is not tokenized first.
            sizes = least_sizes(items, self._limits.context_tokens, ask.truncate)
            self._queue.check_room(sizes, tenant.name, tenant.queue_share)
            answers = await asyncio.to_thread(self._tokenize, items, ask.truncate)
        is_cached = bool(self._cache) and not checks
        keys = [key_of(version.number, answer) for answer in answers] if is_cached else []
        known = {i: kept for i, key in enumerate(keys) if (kept := self._cache.get(key))}
        groups = share_prompts(answers, self._limits.max_group_tokens, known)
        packed = [token_group([answers[i] for i in group]) for group in groups]
        submitted = time.monotonic()
        tokenized = Timings(tokenized_seconds=submitted - began)
        with tenant.charged(sum(group.length for group in packed)):
            outcomes = await self._queue.submit(
                version, packed, ask.deadline, tenant.name, tenant.queue_share
            )
        if checks:
            texts = [[_texts(items[i]) for i in group] for group in groups]
            outcomes = await asyncio.gather(
                *(
                    _obeyed(checks, version, outcome, of_group, ask.deadline)
                    for outcome, of_group in zip(outcomes, texts, strict=True)
                )
            )
        scored = {
            i: ScoredItem(judgement=kept, timings=tokenized, cached=True)
            for i, kept in known.items()
        }
        judgements = [
            (i, outcome, self._judgement(version, outcome, row, items[i].completion_field))
            for group, outcome in zip(groups, outcomes, strict=True)
            for row, i in enumerate(group)
        ]
        reading = time.monotonic() - submitted - max(map(_seconds, outcomes), default=0.0)
        timings = tokenized
        for i, outcome, judgement in judgements:
            timings = _timings(timings, outcome, reading)
            scored[i] = ScoredItem(judgement=judgement, timings=timings)
            if keys:
                self._cache.put(keys[i], judgement)
        for i, answer in enumerate(answers):
            if answer.problem:
                reason = failed(INVALID, answer.problem, items[i].completion_field)
                scored[i] = ScoredItem(judgement=reason, timings=tokenized)
            elif answer.truncated:
                scored[i].truncated = True
        return Verdicts(
            [scored[i] for i in range(len(items))],
            version.number,
            version.standard_id,
            version.standard_version,
        )

    async def compare(self, item_a: Item, item_b: Item, ask: Ask) -> Comparison:
        """Each answer is read on its own. Raises an RpcFault where one has no score."""
        return await compare_by_scores(self, item_a, item_b, ask)

    def _checked_by(self, version: V) -> Checks[V, R] | None:
        return self._checks if self._checks and self._checks.applies(version) else None

    def _judgement(self, version: V, outcome: Outcome[R], row: int, field: str) -> Judgement:
        if isinstance(outcome, Failed):
            return failed(grpc.StatusCode.INTERNAL, outcome.reason, field)
        return self._read(version, outcome.result, row, field)

    def _tokenize(self, items: Sequence[Item], truncate: bool) -> list[Answer]:
        limits = self._limits
        answers = tokenize(items, self._tokenizer, limits.context_tokens, truncate)
        return check_vocabulary(answers, limits.vocabulary)


def _texts(item: Item) -> tuple[str, str]:
    return "\n".join(message.content for message in item.messages), item.completion


async def _obeyed(
    checks: Checks[V, R],
    version: V,
    outcome: Outcome[R],
    texts: Sequence[tuple[str, str]],
    deadline: float,
) -> Outcome[R]:
    if isinstance(outcome, Failed):
        return outcome
    return outcome._replace(result=await checks.obeyed(version, outcome.result, texts, deadline))


def _seconds(outcome: Outcome[Any]) -> float:
    return 0.0 if isinstance(outcome, Failed) else outcome.queued_seconds + outcome.model_seconds


def _timings(before: Timings, outcome: Outcome[Any], reading_seconds: float) -> Timings:
    """Where an outcome's time went. The answers of a batch have one message, not each its own."""
    queued, model = 0.0, 0.0
    if not isinstance(outcome, Failed):
        queued, model = outcome.queued_seconds, outcome.model_seconds + reading_seconds
    if (before.queued_seconds, before.model_seconds) == (queued, model):
        return before
    return Timings(
        tokenized_seconds=before.tokenized_seconds, queued_seconds=queued, model_seconds=model
    )
