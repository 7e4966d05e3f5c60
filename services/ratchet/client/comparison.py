"""What a judge says of two answers to one prompt."""

from dataclasses import dataclass
from typing import Self

from ratchet.client.score import Score
from ratchet.v1 import judge_service_pb2 as pb


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which of two answers is better, and how sure the judge is."""

    a_preferred: float
    """Probability that A is preferred to B: the mean of both orders."""
    a_preferred_shown_first: float
    a_preferred_shown_second: float
    score_a: Score
    score_b: Score

    @classmethod
    def of(cls, answer: pb.CompareResponse) -> Self:
        """The comparison as it came."""
        return cls(
            answer.a_preferred,
            answer.a_preferred_shown_first,
            answer.a_preferred_shown_second,
            Score.of(answer.item_a, answer),
            Score.of(answer.item_b, answer),
        )
