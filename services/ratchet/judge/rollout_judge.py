"""Rollout groups to judged groups, through the same queue as everyone else's answers."""

import asyncio
from collections.abc import Sequence

import grpc

from ratchet.judge import metrics
from ratchet.judge.batching import BatchQueue
from ratchet.judge.checker import Checker
from ratchet.judge.engines.base import Limits
from ratchet.judge.judgement import failed, judgement
from ratchet.judge.submission import Failed, Scored
from ratchet.judge.versions import JudgeVersion, Versions
from ratchet.process.lease import ComputeLease
from ratchet.process.packed import unpack_u32
from ratchet.reward.heads import Scores
from ratchet.reward.packing import TokenGroup
from ratchet.v1.judgement_pb2 import JudgedGroup, Judgement
from ratchet.v1.rollout_pb2 import RolloutGroup

INVALID, UNAVAILABLE = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNAVAILABLE


class RolloutJudge:
    """Judges groups as bulk work, on its turn at the compute lease.

    All groups of one call are scored by the version that was in force when its turn came. Whatever
    cannot be scored carries an error, and goes on with the rest.
    """

    def __init__(
        self,
        versions: Versions[JudgeVersion],
        queue: BatchQueue[JudgeVersion, TokenGroup, Scores],
        limits: Limits,
        lease: ComputeLease,
        checker: Checker,
    ) -> None:
        self._versions = versions
        self._queue = queue
        self._limits = limits
        self._lease = lease
        self._checker = checker

    async def judge(self, groups: Sequence[RolloutGroup]) -> list[JudgedGroup]:
        """One judged group for each group, in order."""
        if self._versions.serving is None:  # Nothing to compute: no turn is needed.
            judged = [_unjudged(group, "no judge has been proven yet") for group in groups]
        else:
            waited = self._lease.waited_seconds
            async with self._lease.held_async():
                metrics.LEASE_SECONDS.inc(self._lease.waited_seconds - waited)
                version = self._versions.serving
                judged = await asyncio.gather(*(self._judge(version, group) for group in groups))
        metrics.GROUPS.inc(len(judged))
        for answer in (answer for group in judged for answer in group.judgements):
            outcome = "error" if answer.HasField("error") else "scored"
            metrics.ITEMS.labels("rollouts", outcome).inc()
        return judged

    async def _judge(self, version: JudgeVersion, group: RolloutGroup) -> JudgedGroup:
        heads = version.heads
        if group.prompt.standard_id != heads.standard_id:
            return _unjudged(group, f"no judge has been proven for {group.prompt.standard_id!r}")
        judged = JudgedGroup(
            group=group, judge_version=version.number, standard_version=heads.standard_version
        )
        readings = _read(group, self._limits)
        wanted = [reading for reading in readings if not isinstance(reading, Judgement)]
        outcome: Scored[Scores] | Failed = Failed("nothing to score")
        if wanted:
            prompt_ids = tuple(unpack_u32(group.prompt_token_ids))
            [outcome] = await self._queue.submit_bulk(
                version, [TokenGroup(prompt_ids, tuple(wanted))]
            )
        if isinstance(outcome, Scored) and self._checker.applies(version):
            texts = _texts(group, readings)
            obeyed = await self._checker.obeyed(version, outcome.result, texts)
            outcome = outcome._replace(result=obeyed)
        row = 0
        for i, reading in enumerate(readings):
            field = f"completions[{i}]"
            if isinstance(reading, Judgement):
                judged.judgements.append(reading)
            elif isinstance(outcome, Failed):
                judged.judgements.append(failed(grpc.StatusCode.INTERNAL, outcome.reason, field))
            else:
                judged.judgements.append(judgement(version, outcome.result, row, field))
                row += 1
        return judged


def _unjudged(group: RolloutGroup, reason: str) -> JudgedGroup:
    """The group passed on, so that people can be asked about it."""
    errors = [failed(UNAVAILABLE, reason, "") for _ in group.completions]
    return JudgedGroup(group=group, judgements=errors)


def _texts(
    group: RolloutGroup, readings: Sequence[tuple[int, ...] | Judgement]
) -> list[tuple[str, str]]:
    """Of those that are scored, what checks read."""
    turns = "\n".join(message.content for message in group.prompt.messages)
    return [
        (turns, completion.text)
        for completion, reading in zip(group.completions, readings, strict=True)
        if not isinstance(reading, Judgement)
    ]


def _read(group: RolloutGroup, limits: Limits) -> list[tuple[int, ...] | Judgement]:
    """Token ids of every completion, or why it cannot be scored."""
    try:
        prompt = _ids(group.prompt_token_ids, limits.vocabulary)
    except ValueError as error:
        bad = failed(INVALID, str(error), "prompt_token_ids")
        return [bad for _ in group.completions]
    readings: list[tuple[int, ...] | Judgement] = []
    for i, completion in enumerate(group.completions):
        try:
            ids = _ids(completion.token_ids, limits.vocabulary)
            if len(prompt) + len(ids) > limits.context_tokens:
                raise ValueError(
                    f"{len(prompt)} + {len(ids)} tokens; the judge's context has "
                    f"{limits.context_tokens}"
                )
            readings.append(ids)
        except ValueError as error:
            readings.append(failed(INVALID, str(error), f"completions[{i}].token_ids"))
    return readings


def _ids(packed: bytes, vocabulary: int) -> tuple[int, ...]:
    ids = tuple(unpack_u32(packed))
    if not ids:
        raise ValueError("no token")
    if max(ids) >= vocabulary:
        raise ValueError(f"token id {max(ids)}; the vocabulary has {vocabulary}")
    return ids
