"""The judge of other judges: what they say together, and how far they differ."""

import asyncio
import logging
import math
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import grpc

from ratchet.judge.judgement import failed
from ratchet.judge.judges.base import (
    Ask,
    Comparison,
    Item,
    ItemFailed,
    Judge,
    Verdicts,
    raise_error,
)
from ratchet.judge.judges.settings import PanelSettings
from ratchet.process.errors import FieldNotFound, InvalidField, RpcFault
from ratchet.v1.judge_service_pb2 import JudgeInfo, ScoredItem
from ratchet.v1.judgement_pb2 import Judgement

T = TypeVar("T")

log = logging.getLogger(__name__)


class PanelJudge:
    """Combines the members' scores, which stand in `outputs`; they score at the same time.

    The sum is the weighted mean, the product the weighted geometric mean (scores must not be
    negative), so that both stay on the members' scale. The spread is the standard deviation of the
    members' scores: weighted, and with equal weights for the minimum, which knows no weights.
    """

    def __init__(self, name: str, settings: PanelSettings, judges: Mapping[str, Judge]) -> None:
        self._name = name
        self._combine = settings.combine
        self._names = [member.judge for member in settings.members]
        self._members = [judges[member] for member in self._names]
        weights = [1.0 if self._combine == "minimum" else m.weight for m in settings.members]
        self._shares = [weight / sum(weights) for weight in weights]

    def info(self) -> JudgeInfo:
        """What it is; a standard where all members have the same."""
        infos = [member.info() for member in self._members]
        standards = {(info.standard_id, info.standard_version) for info in infos}
        standard_id, standard_version = standards.pop() if len(standards) == 1 else ("", 0)
        return JudgeInfo(
            name=self._name,
            kind="panel",
            standard_id=standard_id,
            standard_version=standard_version,
            context_tokens=min((i.context_tokens for i in infos if i.context_tokens), default=0),
            outputs=self._names,
            takes_token_ids=all(info.takes_token_ids for info in infos),
        )

    async def score(self, items: Sequence[Item], ask: Ask) -> Verdicts:
        """Scores every item. Raises InvalidField where a member cannot read the request."""
        self._check(ask)
        found = await asyncio.gather(*(_outcome(m.score(items, ask)) for m in self._members))
        return self._together(found, items)

    async def compare(self, item_a: Item, item_b: Item, ask: Ask) -> Comparison:
        """Combines the members' probabilities; raises ItemFailed where one has none.

        Sum: the weighted mean. Product: the weighted mean of the logits. Minimum: the probability
        of the least sure member, the one nearest 0.5. None of them favours A or B.
        """
        self._check(ask)
        found = await asyncio.gather(
            *(_outcome(m.compare(item_a, item_b, ask)) for m in self._members)
        )
        comparisons: list[Comparison] = []
        for name, outcome in zip(self._names, found, strict=True):
            if not isinstance(outcome, Comparison):
                raise ItemFailed(_code(outcome), f"judge {name}: {outcome}")
            comparisons.append(outcome)
        verdicts = self._together([c.verdicts for c in comparisons], [item_a, item_b])
        for scored in verdicts.items:
            raise_error(scored)
        return Comparison(
            self._probability([c.shown_first for c in comparisons]),
            self._probability([c.shown_second for c in comparisons]),
            verdicts,
        )

    def _check(self, ask: Ask) -> None:
        if ask.judge_version:
            raise FieldNotFound("judge_version", "a panel has no versions")

    def _together(self, found: Sequence[Verdicts | Exception], items: Sequence[Item]) -> Verdicts:
        scored = [
            ScoredItem(judgement=self._judgement(found, i, item.completion_field))
            for i, item in enumerate(items)
        ]
        for i, item in enumerate(scored):
            item.truncated = any(isinstance(v, Verdicts) and v.items[i].truncated for v in found)
        standards = {(v.standard_id, v.standard_version) for v in found if isinstance(v, Verdicts)}
        standard_id, version = standards.pop() if len(standards) == 1 else ("", 0)
        return Verdicts(scored, standard_id=standard_id, standard_version=version)

    def _judgement(self, found: Sequence[Verdicts | Exception], i: int, field: str) -> Judgement:
        scores: list[float] = []
        for name, verdicts in zip(self._names, found, strict=True):
            if isinstance(verdicts, Exception):
                said, code = str(verdicts), _code(verdicts)
            else:
                error = verdicts.items[i].judgement.error
                said, code = error.message, error.code
                scores.append(verdicts.items[i].judgement.score)
            if code:
                result = failed(grpc.StatusCode.UNKNOWN, f"judge {name}: {said}", field)
                result.error.code = code
                return result
        if self._combine == "product" and min(scores) < 0:
            message = f"judge {self._names[scores.index(min(scores))]} scored below 0"
            return failed(grpc.StatusCode.FAILED_PRECONDITION, message, field)
        mean = self._mean(scores)
        score = mean
        if self._combine == "minimum":
            score = min(scores)
        elif self._combine == "product":
            score = math.prod(s**share for s, share in zip(scores, self._shares, strict=True))
        spread = math.sqrt(self._mean([(s - mean) ** 2 for s in scores]))
        return Judgement(score=score, spread=spread, preferred_to_anchor=0.5, outputs=scores)

    def _mean(self, values: Sequence[float]) -> float:
        return sum(value * share for value, share in zip(values, self._shares, strict=True))

    def _probability(self, values: Sequence[float]) -> float:
        if self._combine == "sum":
            return self._mean(values)
        if self._combine == "minimum":
            return min(values, key=lambda value: abs(value - 0.5))
        inside = [min(max(value, 1e-12), 1 - 1e-12) for value in values]
        return 1 / (1 + math.exp(-self._mean([math.log(p / (1 - p)) for p in inside])))


async def _outcome(work: Coroutine[Any, Any, T]) -> T | Exception:
    """What a member says, or why it cannot; a request that is wrong in itself is raised."""
    try:
        return await work
    except InvalidField:
        raise
    except (RpcFault, TimeoutError) as error:
        return error
    except Exception as error:  # A fault of ours: it must not end what others asked for.
        log.exception("a member of a panel failed")
        return error


def _code(error: Exception) -> int:
    if isinstance(error, RpcFault):
        return error.code
    timed_out = isinstance(error, TimeoutError)
    status = grpc.StatusCode.DEADLINE_EXCEEDED if timed_out else grpc.StatusCode.INTERNAL
    return status.value[0]
