"""What the gates let through, and what they must not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.learner.config import JudgeSettings
from ratchet.learner.judge_gate import HeldOutMarks, judge_gate
from ratchet.learner.people_agreement import PeopleAgreement
from ratchet.learner.policy_gate import GateAnswer, PolicyLimits, policy_gate
from ratchet.v1.weights_pb2 import GateReport

LIMITS = PolicyLimits(harm_margin=0.1, kl_budget=1.0, min_distinct_answers=0.8, length_drift=1.0)


def answers(scores, text: str = "{}", tokens: int = 20) -> list[GateAnswer]:
    return [GateAnswer(str(i), text.format(i), tokens, score) for i, score in enumerate(scores)]


def spread(mean: float, count: int = 32, seed: int = 0) -> list[float]:
    return list(mean + 0.05 * np.random.default_rng(seed).normal(size=count))


def figure(report: GateReport, name: str) -> bool:
    return next(figure.passed for figure in report.figures if figure.name == name)


def test_a_better_or_equal_policy_passes() -> None:
    floor = answers(spread(0.5))
    for mean in (0.5, 0.6):
        assert policy_gate(floor, answers(spread(mean, seed=1)), 0.2, LIMITS).passed


def test_harm_is_not_let_through_nor_what_cannot_rule_it_out() -> None:
    floor = answers(spread(0.5))
    assert not policy_gate(floor, answers(spread(0.3, seed=1)), 0.2, LIMITS).passed
    few = policy_gate(floor[:3], answers([0.45, 0.7, 0.2])[:3], 0.2, LIMITS)
    assert not figure(few, "score_difference"), "three answers rule nothing out"
    assert not policy_gate(floor, [], 0.2, LIMITS).passed


@pytest.mark.parametrize(
    ("name", "candidate", "kl"),
    [
        ("kl", answers(spread(0.6)), 1.1),
        ("kl", answers(spread(0.6)), float("nan")),
        ("distinct_answers", answers(spread(0.6), text="the same"), 0.1),
        ("length_ratio", answers(spread(0.6), tokens=9), 0.1),
        ("length_ratio", answers(spread(0.6), tokens=41), 0.1),
    ],
)
def test_each_limit_holds_by_itself(name: str, candidate: list[GateAnswer], kl: float) -> None:
    report = policy_gate(answers(spread(0.5)), candidate, kl, LIMITS)
    assert not report.passed
    assert not figure(report, name)
    assert name in report.reason


FALLEN, STEADY = PeopleAgreement(0.76, 100, 0.45, 40), PeopleAgreement(0.76, 100, 0.74, 40)


def test_a_policy_that_pleases_the_judge_while_people_agree_less_does_not_pass() -> None:
    floor, better = answers(spread(0.5)), answers(spread(0.6, seed=1))
    report = policy_gate(floor, better, 0.2, LIMITS, FALLEN)
    assert not report.passed
    assert not figure(report, "people_agreement_change")
    assert "rise while people agree with it less: in 45% of 40 votes" in report.reason
    assert policy_gate(floor, better, 0.2, LIMITS, STEADY).passed
    assert policy_gate(floor, better, 0.2, LIMITS, PeopleAgreement(0.9, 100, 0.1, 5)).passed


def test_agreement_that_falls_without_a_gain_is_told_and_blocks_nothing() -> None:
    report = policy_gate(answers([0.5] * 32), answers([0.5] * 32), 0.2, LIMITS, FALLEN)
    assert report.passed
    [told] = [f for f in report.figures if f.name == "people_agreement_change"]
    assert told.value == pytest.approx(-0.31)
    assert told.bound < 0


def test_answers_without_a_score_are_left_out_of_the_comparison() -> None:
    floor = answers(spread(0.5))
    candidate = answers([None, float("nan"), *spread(0.6)[2:]])
    report = policy_gate(floor, candidate, 0.2, LIMITS)
    assert next(f.value for f in report.figures if f.name == "scored_prompts") == 30


@given(st.floats(-0.3, 0.3), st.integers(0, 50))
def test_the_bound_is_below_the_difference_and_decides(shift: float, seed: int) -> None:
    report = policy_gate(answers(spread(0.5)), answers(spread(0.5 + shift, seed=seed)), 0.0, LIMITS)
    [difference] = [f for f in report.figures if f.name == "score_difference"]
    assert difference.bound <= difference.value, "equal where every prompt differs by the same"
    assert difference.passed == (difference.bound > -0.1)


def marked(count: int, detects: float, shuffled: bool = False, seed: int = 0) -> HeldOutMarks:
    """Answers that break criteria, as a good judge sees them, and the marks of erring people."""
    random = np.random.default_rng(seed)
    truth = random.random((count, 6)) < 0.5
    marks = (truth & (random.random(truth.shape) < detects)) | (random.random(truth.shape) < 0.03)
    if shuffled:
        marks = random.permutation(marks)
    predicted = np.clip(truth + 0.8 * random.normal(size=truth.shape), 0, 1)
    return HeldOutMarks(predicted, marks, [str(i // 2) for i in range(count)])


def gate(held_out: HeldOutMarks, seed: int = 0) -> GateReport:
    return judge_gate(
        held_out,
        {"agreement": 0.6, "agreement_shorter": 0.5, "agreement_tfidf": float("nan")},
        auc_threshold=JudgeSettings().auc_threshold,
        fewest_held_out=16,
        seed=seed,
    )


def test_a_judge_that_sees_what_people_see_passes() -> None:
    report = gate(marked(120, detects=0.6))
    assert report.passed
    assert {"agreement", "agreement_shorter"} <= {figure.name for figure in report.figures}


@pytest.mark.parametrize("seed", range(8))
def test_marks_that_belong_to_other_answers_prove_nothing(seed: int) -> None:
    assert not gate(marked(120, detects=0.6, shuffled=True, seed=seed)).passed


def test_too_few_held_out_answers_prove_nothing() -> None:
    report = gate(marked(14, detects=1.0))
    assert not report.passed
    assert "16 are needed" in report.reason
    empty = HeldOutMarks(np.zeros((0, 6)), np.zeros((0, 6), bool), ())
    assert not gate(empty).passed
