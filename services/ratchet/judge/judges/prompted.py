"""The judge that asks a language model, and reads its token probabilities."""

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Any

import grpc
from pydantic import BaseModel, ValidationError

from ratchet.judge.judgement import failed
from ratchet.judge.judges import prompts
from ratchet.judge.judges.base import (
    Ask,
    Comparison,
    Item,
    ItemFailed,
    Verdicts,
    raise_error,
    refuse_token_ids,
    refuse_version,
)
from ratchet.judge.judges.endpoint import Endpoint
from ratchet.judge.judges.settings import PromptedSettings
from ratchet.v1.judge_service_pb2 import CriterionVerdict, CritiqueResponse, JudgeInfo, ScoredItem
from ratchet.v1.judgement_pb2 import Judgement, Timings


class _Verdict(BaseModel):
    criterion_id: str
    broken: bool
    reason: str


class _Critique(BaseModel):
    text: str
    verdicts: list[_Verdict]


class PromptedJudge:
    """Scores by the expected grade, from 0 (grade 1) to 1 (the highest); it can also say why."""

    def __init__(self, name: str, settings: PromptedSettings) -> None:
        """Raises ConfigError where the variable of the key is not set."""
        self._name = name
        self._settings = settings
        self._endpoint = Endpoint(settings)

    async def close(self) -> None:
        """Closes the connections to the endpoint."""
        await self._endpoint.close()

    def info(self) -> JudgeInfo:
        """What it is; it takes texts alone."""
        return JudgeInfo(name=self._name, kind="prompted", writes_critiques=True)

    async def score(self, items: Sequence[Item], ask: Ask) -> Verdicts:
        """Scores every item; the spread is the standard deviation of the grade's distribution."""
        refuse_token_ids(items)
        refuse_version(ask)
        return Verdicts(list(await asyncio.gather(*(self._scored(item, ask) for item in items))))

    async def compare(self, item_a: Item, item_b: Item, ask: Ask) -> Comparison:
        """Compares in both orders. Raises ItemFailed where the endpoint fails."""
        verdicts, first, second = await asyncio.gather(
            self.score([item_a, item_b], ask),
            self._first_preferred(item_a, item_b, ask),
            self._first_preferred(item_b, item_a, ask),
        )
        for scored in verdicts.items:
            raise_error(scored)
        return Comparison(first, 1 - second, verdicts)

    async def critique(self, item: Item, ask: Ask) -> CritiqueResponse:
        """A text, and a verdict on each criterion of the settings."""
        refuse_token_ids([item])
        began = time.monotonic()
        schema = {"name": "critique", "schema": _Critique.model_json_schema()}
        body = {
            "messages": prompts.critique(self._settings, item),
            "response_format": {"type": "json_schema", "json_schema": schema},
            # A model that does not find the end of its JSON would write on until the deadline.
            "max_tokens": self._settings.critique_tokens,
        }
        choice = await self._endpoint.ask(body, ask.deadline)
        try:
            found = _Critique.model_validate_json(choice["message"]["content"])
        except (ValidationError, LookupError, TypeError):
            raise _failed("the critique is not of the schema") from None
        wanted = [criterion.id for criterion in self._settings.criteria]
        if sorted(verdict.criterion_id for verdict in found.verdicts) != sorted(wanted):
            raise _failed("the critique has not one verdict for each criterion")
        return CritiqueResponse(
            text=found.text,
            verdicts=[CriterionVerdict(**verdict.model_dump()) for verdict in found.verdicts],
            judge=self._name,
            model=self._settings.model,
            timings=Timings(model_seconds=time.monotonic() - began),
        )

    async def _scored(self, item: Item, ask: Ask) -> ScoredItem:
        began = time.monotonic()
        scale = [str(grade) for grade in range(1, self._settings.scale + 1)]
        try:
            shares = await self._shares(prompts.grade(self._settings, item), scale, ask)
        except ItemFailed as error:
            judgement = failed(grpc.StatusCode.UNKNOWN, str(error), item.completion_field)
            judgement.error.code = error.code
            return ScoredItem(judgement=judgement)
        values = [i / (len(scale) - 1) for i in range(len(scale))]
        mean = sum(p * v for p, v in zip(shares, values, strict=True))
        variance = sum(p * (v - mean) ** 2 for p, v in zip(shares, values, strict=True))
        return ScoredItem(
            judgement=Judgement(score=mean, spread=math.sqrt(variance), preferred_to_anchor=0.5),
            timings=Timings(model_seconds=time.monotonic() - began),
        )

    async def _first_preferred(self, first: Item, second: Item, ask: Ask) -> float:
        refuse_token_ids([first, second])
        messages = prompts.compare(self._settings, first, second)
        return (await self._shares(messages, ["A", "B"], ask))[0]

    async def _shares(
        self, messages: list[dict[str, str]], tokens: list[str], ask: Ask
    ) -> list[float]:
        """The probability of each token among them; they add up to 1."""
        body = {"messages": messages, "max_tokens": 1, "logprobs": True, "top_logprobs": 20}
        choice: dict[str, Any] = await self._endpoint.ask(body, ask.deadline)
        found = dict.fromkeys(tokens, 0.0)
        try:
            for top in choice["logprobs"]["content"][0]["top_logprobs"]:
                token = top["token"].strip()
                if token in found:
                    found[token] += math.exp(top["logprob"])
        except (LookupError, TypeError, AttributeError, OverflowError):
            raise _failed("the endpoint returns no token probabilities") from None
        mass = sum(found.values())
        if not mass >= self._settings.min_mass:
            raise _failed(f"probability {mass:.3f} for {'/'.join(tokens)} is too little to go by")
        return [found[token] / mass for token in tokens]


def _failed(reason: str) -> ItemFailed:
    return ItemFailed(grpc.StatusCode.INTERNAL.value[0], reason)
