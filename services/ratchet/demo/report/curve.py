"""What happened from version to version."""

from dataclasses import dataclass
from itertools import groupby
from statistics import fmean

from ratchet.demo.report.agreement import checked_gold, policy_version
from ratchet.demo.report.records import Records


@dataclass(frozen=True)
class CurvePoint:
    """The training answers of one policy version."""

    policy_version: int
    answers: int
    gold: float
    """Mean, without fluency."""
    score: float
    """Mean of the judge's scores, 0 to 1."""
    words: float
    distinct: float


def learning_curve(records: Records) -> list[CurvePoint]:
    """A point for every policy version with judged training answers."""
    groups = sorted(records.training_groups, key=policy_version)
    points: list[CurvePoint] = []
    for version, of_version in groupby(groups, key=policy_version):
        judged = list(of_version)
        texts = [c.text for group in judged for c in group.group.completions]
        scores = [j.score for g in judged for j in g.judgements if not j.HasField("error")]
        points.append(
            CurvePoint(
                policy_version=version,
                answers=len(texts),
                gold=fmean(gold for group in judged for gold in checked_gold(group)),
                score=fmean(scores) if scores else 0.0,
                words=fmean(len(text.split()) for text in texts),
                distinct=len(set(texts)) / len(texts),
            )
        )
    return points
