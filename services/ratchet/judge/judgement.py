"""Scores to the messages that callers and the topic `judgements` get."""

import math

import grpc

from ratchet.judge.versions import JudgeVersion
from ratchet.reward.heads import Scores
from ratchet.v1.judgement_pb2 import CriterionJudgement, ItemError, Judgement


def judgement(version: JudgeVersion, scores: Scores, i: int, field: str) -> Judgement:
    """What the scores say of completion `i`; an error where they are no numbers or a check failed.

    `field` names the completion in such an error.
    """
    if scores.errors and scores.errors[i]:
        return failed(grpc.StatusCode.FAILED_PRECONDITION, scores.errors[i], field)
    found = Judgement(
        score=scores.score_n[i],
        spread=scores.spread_n[i],
        preferred_to_anchor=scores.preferred_to_anchor_n[i],
    )
    if not all(map(math.isfinite, (found.score, found.spread, found.preferred_to_anchor))):
        return failed(grpc.StatusCode.INTERNAL, f"the score is {found.score}", field)
    for criterion_id, broken, copies in zip(
        version.heads.criterion_ids,
        scores.broken_nC[i],
        scores.broken_bootstrap_nCK[i],
        strict=True,
    ):
        # NaN: too few marks to know. It stays unset, which is not the same as fine.
        known = {} if math.isnan(broken) else {"broken": broken, "broken_bootstrap": copies}
        found.criteria.append(CriterionJudgement(criterion_id=criterion_id, **known))
    return found


def failed(code: grpc.StatusCode, message: str, field: str) -> Judgement:
    """The judgement of an answer that could not be scored."""
    return Judgement(error=ItemError(code=code.value[0], message=message, field=field))


def preferred(a: Judgement, b: Judgement) -> float:
    """Probability that A is preferred to B.

    By Bradley-Terry the logits of being preferred to the anchor differ by A's logit of being
    preferred to B. Heads that saw no vote give 0.5 for every answer: then the logistic of the
    difference of scores, which has the right sign and no claim to calibration.
    """
    if a.preferred_to_anchor == b.preferred_to_anchor == 0.5:
        return _sigmoid(a.score - b.score)
    return _sigmoid(_logit(a.preferred_to_anchor) - _logit(b.preferred_to_anchor))


def _logit(probability: float) -> float:
    inside = min(max(probability, 1e-12), 1 - 1e-12)
    return math.log(inside / (1 - inside))


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
