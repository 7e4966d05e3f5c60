"""What a policy version must rule out before it becomes the floor: harm."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from ratchet.learner.people_agreement import ONE_SIDED_95, PeopleAgreement
from ratchet.v1.weights_pb2 import GateFigure, GateReport

FEWEST_PROMPTS = 2
"""Without two scored prompts there is no bound."""

AGREEMENT_CHANGE = "people_agreement_change"


@dataclass(frozen=True)
class GateAnswer:
    """One answer to a gate prompt; `score` is None where it could not be scored."""

    prompt_id: str
    text: str
    tokens: int
    score: float | None


@dataclass(frozen=True)
class PolicyLimits:
    """What a version may cost; see `LearnerSettings`."""

    harm_margin: float
    kl_budget: float
    min_distinct_answers: float
    length_drift: float


def policy_gate(
    floor: Sequence[GateAnswer],
    candidate: Sequence[GateAnswer],
    kl: float,
    limits: PolicyLimits,
    people: PeopleAgreement | None = None,
) -> GateReport:
    """Passes if a loss of mean score of `harm_margin` or more is ruled out, and no limit is broken.

    Both versions answered the same prompts, and one judge scored both. The bound of the mean
    difference, candidate less floor, is one-sided, 95%, by the normal approximation over prompts: a
    test of non-inferiority, so that too few answers fail and do not pass. `kl` is to the first
    policy, nats per token.

    A version that the judge likes better does not pass where it is proven that people agree with
    this judge less on newer answers: then the policy has learned to please the judge.
    """
    differences = _differences(floor, candidate)
    enough = len(differences) >= FEWEST_PROMPTS
    mean = fmean(differences) if differences else 0.0
    error = stdev(differences) / math.sqrt(len(differences)) if enough else math.inf
    bound = mean - ONE_SIDED_95 * error
    distinct = len({answer.text for answer in candidate}) / max(len(candidate), 1)
    lengths = [fmean([a.tokens for a in answers] or [0]) for answers in (floor, candidate)]
    ratio = lengths[1] / lengths[0] if lengths[0] else math.inf
    drift = 1 + limits.length_drift
    figures = [
        GateFigure(
            name="score_difference",
            value=mean,
            bound=bound,
            threshold=-limits.harm_margin,
            passed=bound > -limits.harm_margin,
        ),
        GateFigure(name="kl", value=kl, threshold=limits.kl_budget, passed=kl <= limits.kl_budget),
        GateFigure(
            name="distinct_answers",
            value=distinct,
            threshold=limits.min_distinct_answers,
            passed=distinct >= limits.min_distinct_answers,
        ),
        GateFigure(
            name="length_ratio", value=ratio, threshold=drift, passed=1 / drift <= ratio <= drift
        ),
        GateFigure(name="scored_prompts", value=len(differences), passed=enough),
    ]
    if people is not None and people.enough:
        figures.append(_agreement(people, gamed=mean > 0 and people.falls))
    failed = [figure.name for figure in figures if not figure.passed]
    reason = (
        f"Against the floor the mean score moved by {mean:+.3f} (bound {bound:+.3f}) on "
        f"{len(differences)} gate prompts; "
        + (f"outside its limits: {', '.join(failed)}." if failed else "within all limits.")
    )
    if AGREEMENT_CHANGE in failed and people is not None:
        reason += (
            f" The judge's scores rise while people agree with it less: in {people.now:.0%} of "
            f"{people.votes_now} votes on the newer answers, in {people.before:.0%} of "
            f"{people.votes_before} before."
        )
    return GateReport(passed=not failed, reason=reason, figures=figures)


def _agreement(people: PeopleAgreement, *, gamed: bool) -> GateFigure:
    return GateFigure(
        name=AGREEMENT_CHANGE,
        value=people.change,
        bound=people.highest_change,
        threshold=0,
        passed=not gamed,
    )


def _differences(floor: Sequence[GateAnswer], candidate: Sequence[GateAnswer]) -> list[float]:
    """Mean score of the candidate less the floor's, for every prompt with scores of both."""
    before, after = _scores(floor), _scores(candidate)
    return [
        fmean(after[prompt]) - fmean(before[prompt]) for prompt in sorted(before.keys() & after)
    ]


def _scores(answers: Sequence[GateAnswer]) -> dict[str, list[float]]:
    scores: defaultdict[str, list[float]] = defaultdict(list)
    for answer in answers:
        if answer.score is not None and math.isfinite(answer.score):
            scores[answer.prompt_id].append(answer.score)
    return dict(scores)
