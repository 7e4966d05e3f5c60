"""The judge of checks: no model, no words that it could be talked into."""

import asyncio
from collections.abc import Sequence

from ratchet.judge.judges.base import (
    Ask,
    Comparison,
    Item,
    Verdicts,
    compare_by_scores,
    refuse_version,
)
from ratchet.judge.judges.settings import ProgramSettings
from ratchet.process.errors import InvalidField
from ratchet.v1.judge_service_pb2 import JudgeInfo, ScoredItem
from ratchet.v1.judgement_pb2 import CriterionJudgement, Judgement


class ProgramJudge:
    """Scores by the share of the checks' weight that an answer meets, 0 to 1."""

    def __init__(self, name: str, settings: ProgramSettings) -> None:
        self._name = name
        self._checks = settings.checks

    def info(self) -> JudgeInfo:
        """What it is; it takes texts alone."""
        return JudgeInfo(name=self._name, kind="program")

    async def score(self, items: Sequence[Item], ask: Ask) -> Verdicts:
        """Scores every item. Raises InvalidField where one is token ids."""
        refuse_token_ids(items)
        refuse_version(ask)
        # Long texts take their time: not on the event loop.
        judgements = await asyncio.to_thread(lambda: [self._judgement(item) for item in items])
        return Verdicts([ScoredItem(judgement=judgement) for judgement in judgements])

    async def compare(self, item_a: Item, item_b: Item, ask: Ask) -> Comparison:
        """Compares by the scores."""
        return await compare_by_scores(self, item_a, item_b, ask)

    def _judgement(self, item: Item) -> Judgement:
        prompt = "\n".join(message.content for message in item.messages)
        met = [found.check.met(prompt, item.completion) for found in self._checks]
        total = sum(found.weight for found in self._checks)
        share = sum(found.weight for found, yes in zip(self._checks, met, strict=True) if yes)
        return Judgement(
            score=share / total,
            preferred_to_anchor=0.5,
            criteria=[
                CriterionJudgement(criterion_id=found.id, broken=0.0 if yes else 1.0)
                for found, yes in zip(self._checks, met, strict=True)
            ],
        )


def refuse_token_ids(items: Sequence[Item]) -> None:
    """Raises InvalidField, naming the field, for a judge that reads texts alone."""
    for item in items:
        if item.prompt_token_ids:
            raise InvalidField(item.messages_field, "this judge takes texts, not token ids")
        if item.completion_token_ids:
            raise InvalidField(item.completion_field, "this judge takes texts, not token ids")
