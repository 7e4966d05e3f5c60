"""What a judge that can write says is wrong with an answer."""

from dataclasses import dataclass
from typing import Self

from ratchet.client.score import Timings, timings
from ratchet.v1 import judge_service_pb2 as pb


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the answer breaks one criterion, and why."""

    criterion_id: str
    broken: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Critique:
    """A text, and the criteria of the standard one by one."""

    text: str
    verdicts: tuple[Verdict, ...]
    judge: str
    model: str
    """The model that wrote it, as its endpoint names it."""
    standard_id: str
    standard_version: int
    timings: Timings

    @classmethod
    def of(cls, answer: pb.CritiqueResponse) -> Self:
        """The critique as it came."""
        return cls(
            text=answer.text,
            verdicts=tuple(Verdict(v.criterion_id, v.broken, v.reason) for v in answer.verdicts),
            judge=answer.judge,
            model=answer.model,
            standard_id=answer.standard_id,
            standard_version=answer.standard_version,
            timings=timings(answer.timings),
        )
