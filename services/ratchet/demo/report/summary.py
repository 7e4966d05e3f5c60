"""The figures of one run: `summary.json`."""

from statistics import fmean, pstdev
from typing import Any

from pydantic import BaseModel

from ratchet.demo.report.agreement import FirstPolicyAgreement, JudgeUpdate
from ratchet.demo.report.curve import CurvePoint
from ratchet.demo.report.machine import commit, machine
from ratchet.demo.report.readings import Reading, difference_interval, distinct, errors
from ratchet.demo.report.records import Records
from ratchet.demo.report.similarity import mean_similarity
from ratchet.demo.report.stages import Stage
from ratchet.v1.weights_pb2 import (
    ROLE_JUDGE,
    ROLE_POLICY,
    VERSION_STATUS_SERVING,
)


class Summary(BaseModel, frozen=True):
    """Gold is on a scale of 12 and fluency; agreements are shares of pairs, 0 to 1."""

    seed: int
    updates: int
    answers: int
    gold_before: float
    gold_after: float
    gold_sd_before: float
    """Standard deviation of one answer's gold."""
    gold_difference: float
    gold_difference_low: float
    gold_difference_high: float
    gain_in_sd: float
    gold_ceiling_after: float | None
    """With gold itself as the reward, the same number of updates; null outside `bench demo`."""
    fluency_before: float
    fluency_after: float
    judge_agreement: float
    """Of the last judge served, with gold, on the first policy's pairs."""
    judge_agreement_first: float
    agreement_shorter: float
    agreement_longer: float
    agreement_tfidf: float
    agreement_pairs: int
    judge_updates: list[dict[str, Any]]
    marked_answers: int
    graded_answers: int
    graded_per_marked: float
    policy_versions: int
    policy_versions_proven: int
    judge_versions: int
    rollbacks: int
    dropped_requests: int
    requests: int
    kl: float
    """Of the last proven version to the first, on gate prompts, nats per token."""
    seconds: float
    """From ready to the last update."""
    seconds_to_first_score: float
    """From the start of all processes."""
    distinct_answers: float
    distinct_answers_before: float
    similarity_before: float
    similarity_after: float
    errors_before: dict[str, float]
    errors_after: dict[str, float]
    curve: list[dict[str, Any]]
    stages: list[dict[str, Any]]
    machine: dict[str, Any]
    commit: str


def summarise(
    *,
    seed: int,
    before: list[Reading],
    after: list[Reading],
    records: Records,
    first_policy: FirstPolicyAgreement,
    judge_updates: list[JudgeUpdate],
    curve: list[CurvePoint],
    stages: list[Stage],
) -> Summary:
    """Puts the figures together."""
    golds_before = [reading.gold for reading in before]
    golds_after = [reading.gold for reading in after]
    difference = fmean(golds_after) - fmean(golds_before)
    low, high = difference_interval(before, after)
    last = records.progress[-1][1]
    marked = 2 * len({preference.submission_id for preference in records.preferences})
    by_judge = list(first_policy.by_judge.values())
    served = records.served(ROLE_POLICY)
    return Summary(
        seed=seed,
        updates=last.updates,
        answers=len(after),
        gold_before=fmean(golds_before),
        gold_after=fmean(golds_after),
        gold_sd_before=pstdev(golds_before),
        gold_difference=difference,
        gold_difference_low=low,
        gold_difference_high=high,
        gain_in_sd=difference / pstdev(golds_before),
        gold_ceiling_after=None,
        fluency_before=fmean(reading.fluency for reading in before),
        fluency_after=fmean(reading.fluency for reading in after),
        judge_agreement=by_judge[-1],
        judge_agreement_first=by_judge[0],
        agreement_shorter=first_policy.floors["shorter"],
        agreement_longer=first_policy.floors["longer"],
        agreement_tfidf=first_policy.floors["tfidf"],
        agreement_pairs=first_policy.pairs,
        judge_updates=[vars(update) for update in judge_updates],
        marked_answers=marked,
        graded_answers=last.graded_answers,
        graded_per_marked=last.graded_answers / max(marked, 1),
        policy_versions=len(served),
        policy_versions_proven=sum(
            records.status(version).status == VERSION_STATUS_SERVING for version in served
        ),
        judge_versions=len(records.served(ROLE_JUDGE)),
        rollbacks=last.rollbacks,
        dropped_requests=sum(row["code"] != "OK" for row in records.traffic),
        requests=len(records.traffic) + len(before) // 2 + len(after) // 2,
        kl=_last_kl(records),
        seconds=records.events["last update"] - records.events["ready"],
        seconds_to_first_score=_first_score(records) - records.events["started"],
        distinct_answers=distinct(after),
        distinct_answers_before=distinct(before),
        similarity_before=mean_similarity(before),
        similarity_after=mean_similarity(after),
        errors_before=errors(before),
        errors_after=errors(after),
        curve=[vars(point) for point in curve],
        stages=[vars(stage) for stage in stages],
        machine=machine(),
        commit=commit(),
    )


def _last_kl(records: Records) -> float:
    """What the gate measured of the last version that it tested and that stayed."""
    figures = [
        figure.value
        for version in records.served(ROLE_POLICY)
        for figure in records.status(version).gate_report.figures
        if figure.name == "kl" and records.status(version).status == VERSION_STATUS_SERVING
    ]
    return figures[-1] if figures else records.progress[-1][1].kl


def _first_score(records: Records) -> float:
    scored = [r for r in records.traffic if r["call"] == "Score" and r["code"] == "OK"]
    return min(row["at"] + row["seconds"] for row in scored)
