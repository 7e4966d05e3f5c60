"""The judge of checks: no model, no words that it could be talked into."""

import asyncio
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import grpc

from ratchet.judge.judgement import failed
from ratchet.judge.judges.base import (
    Ask,
    Comparison,
    Item,
    Verdicts,
    compare_by_scores,
    refuse_token_ids,
    refuse_version,
)
from ratchet.judge.judges.settings import ProgramSettings
from ratchet.process.config import ConfigError
from ratchet.standard.checks.base import CheckFailed
from ratchet.standard.checks.program import Program
from ratchet.standard.checks.python_cases import PythonCases
from ratchet.v1.judge_service_pb2 import JudgeInfo, ScoredItem
from ratchet.v1.judgement_pb2 import CriterionJudgement, Judgement


class ProgramJudge:
    """Scores by the share of the checks' weight that an answer meets, 0 to 1."""

    def __init__(self, name: str, settings: ProgramSettings) -> None:
        """Raises ConfigError where the standard that holds its checks is wrong."""
        self._name = name
        try:
            self._checks = settings.weighted_checks()
        except (ValueError, OSError) as error:
            raise ConfigError(f"judges.{name}: {error}") from None
        # Of its own: programs that take long must not keep other judges from their threads.
        self._threads: ThreadPoolExecutor | None = None
        if any(isinstance(each.check, PythonCases | Program) for each in self._checks):
            self._threads = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix=name)

    def info(self) -> JudgeInfo:
        """What it is; it takes texts alone."""
        return JudgeInfo(name=self._name, kind="program")

    async def score(self, items: Sequence[Item], ask: Ask) -> Verdicts:
        """Scores every item; one that a check cannot tell of is an error. Raises InvalidField."""
        refuse_token_ids(items)
        refuse_version(ask)
        if self._threads is None:
            # Long texts take their time: not on the event loop.
            return await asyncio.to_thread(self._score, items, ask.deadline)
        loop = asyncio.get_running_loop()
        scored = (
            loop.run_in_executor(self._threads, self._scored, item, ask.deadline) for item in items
        )
        return Verdicts(await asyncio.gather(*scored))

    async def compare(self, item_a: Item, item_b: Item, ask: Ask) -> Comparison:
        """Compares by the scores."""
        return await compare_by_scores(self, item_a, item_b, ask)

    def close(self) -> None:
        """Lets go of its threads; no further call may come."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _score(self, items: Sequence[Item], deadline: float) -> Verdicts:
        return Verdicts([self._scored(item, deadline) for item in items])

    def _scored(self, item: Item, deadline: float) -> ScoredItem:
        if time.monotonic() > deadline:
            raise TimeoutError
        return ScoredItem(judgement=self._judgement(item))

    def _judgement(self, item: Item) -> Judgement:
        prompt = "\n".join(message.content for message in item.messages)
        met: list[bool] = []
        for each in self._checks:
            try:
                met.append(not each.check.fault(prompt, item.completion))
            except CheckFailed as error:
                code = grpc.StatusCode.FAILED_PRECONDITION
                return failed(code, f"check {each.id}: {error}", item.completion_field)
        total = sum(each.weight for each in self._checks)
        share = sum(each.weight for each, yes in zip(self._checks, met, strict=True) if yes)
        return Judgement(
            score=share / total,
            preferred_to_anchor=0.5,
            criteria=[
                CriterionJudgement(criterion_id=each.id, broken=0.0 if yes else 1.0)
                for each, yes in zip(self._checks, met, strict=True)
            ],
        )
