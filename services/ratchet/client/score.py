"""What a judge says of one answer."""

from dataclasses import dataclass
from typing import Self

import grpc

from ratchet.v1 import judge_service_pb2 as pb
from ratchet.v1 import judgement_pb2

_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


@dataclass(frozen=True, slots=True)
class ItemError:
    """Why one answer has no score; the others of its call have theirs."""

    code: grpc.StatusCode
    message: str
    field: str
    """The field of the request at fault, such as `completions[3]`."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """How sure the judge is that the answer breaks one sentence of the standard."""

    criterion_id: str
    broken: float | None
    """Probability; None: too few marks to know."""
    broken_bootstrap: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Timings:
    """Where the time of an item went on the server, in seconds."""

    queued: float
    tokenized: float
    model: float


@dataclass(frozen=True, slots=True)
class Score:
    """One answer's score, or the error in its place: one of the two is None, never both."""

    score: float | None
    """Higher is better: 0 to 1 of a judge with a standard, else on the judge's own scale."""
    spread: float | None
    """Standard deviation of the score; 0 where the judge has nothing to tell it by."""
    criteria: tuple[Criterion, ...]
    outputs: tuple[float, ...]
    """All that a judge of several outputs says, named by `JudgeInfo.outputs`."""
    preferred_to_anchor: float | None
    """Probability of being preferred to the median answer of the anchor set."""
    error: ItemError | None
    timings: Timings
    truncated: bool
    """Whether the prompt was cut to the judge's context."""
    cached: bool
    judge: str
    judge_version: int
    standard_id: str
    standard_version: int

    @classmethod
    def of(
        cls,
        scored: pb.ScoredItem,
        answer: pb.ScoreResponse | pb.ScoreGroupResponse | pb.CompareResponse,
    ) -> Self:
        """An item as it came, with the judge that the whole answer names."""
        judgement = scored.judgement
        failed = judgement.HasField("error")
        return cls(
            score=None if failed else judgement.score,
            spread=None if failed else judgement.spread,
            criteria=tuple(
                Criterion(
                    each.criterion_id,
                    each.broken if each.HasField("broken") else None,
                    tuple(each.broken_bootstrap),
                )
                for each in judgement.criteria
            ),
            outputs=tuple(judgement.outputs),
            preferred_to_anchor=None if failed else judgement.preferred_to_anchor,
            error=_error(judgement.error) if failed else None,
            timings=timings(scored.timings),
            truncated=scored.truncated,
            cached=scored.cached,
            judge=answer.judge,
            judge_version=answer.judge_version,
            standard_id=answer.standard_id,
            standard_version=answer.standard_version,
        )


def timings(message: judgement_pb2.Timings) -> Timings:
    """The timings as they came."""
    return Timings(message.queued_seconds, message.tokenized_seconds, message.model_seconds)


def _error(error: judgement_pb2.ItemError) -> ItemError:
    return ItemError(_CODES.get(error.code, grpc.StatusCode.UNKNOWN), error.message, error.field)
