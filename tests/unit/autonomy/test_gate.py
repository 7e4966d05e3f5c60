"""What raises a judge, what never does, and what takes it back."""

from dataclasses import replace
from functools import cache

import pytest
from tests.unit.autonomy.judged_labels import labels

from ratchet.autonomy.drift import Answer
from ratchet.autonomy.gate import Gate, Standing
from ratchet.autonomy.label import Label
from ratchet.autonomy.settings import GateSettings
from ratchet.autonomy.state import State

SETTINGS = GateSettings(reference_answers=20)
SHORT = Answer(score=0.5, tokens=2, kl=0.1)
USUAL = Answer(score=0.5, tokens=40, kl=0.1)


def gate(*evidence: Label) -> Gate:
    found = Gate(SETTINGS, Standing())
    found.take_up(1, evidence)
    return found


def failed(found: Gate) -> set[str]:
    return {figure.name for figure in found.report().figures if not figure.passed}


@cache
def risen() -> Standing:
    return gate(*labels(600, 0.85)).standing


def autonomous() -> Gate:
    found = Gate(SETTINGS, risen().model_copy(deep=True))
    assert found.standing.state == State.AUTONOMOUS
    return found


def test_a_judge_that_agrees_with_people_climbs_one_state_after_the_other() -> None:
    found, seen = gate(), []
    assert found.label_share == 1
    for label in labels(600, 0.85):
        if found.add_label(label):
            seen.append((found.standing.state, found.label_share, found.report().passed))
    assert seen == [(State.ASSISTED, 0.25, True), (State.AUTONOMOUS, 0.05, True)]
    assert "Judge 1 is autonomous" in found.report().reason


def test_without_a_judge_in_force_labels_prove_nothing() -> None:
    found = Gate(SETTINGS, Standing())
    for label in labels(600, 0.85):
        assert not found.add_label(label)
    assert found.standing == Standing()


def test_labels_that_were_picked_for_a_reason_change_nothing() -> None:
    found = gate()
    before = found.standing.model_copy(deep=True)
    for label in labels(600, 0.85, at_random=False):
        assert not found.add_label(label)
    assert found.standing == before
    risen = autonomous()
    for label in labels(600, 0.1, at_random=False):
        assert not risen.add_label(label), "nor do they take anything back"


@pytest.mark.parametrize(
    ("lacks", "evidence"),
    [
        ({"agreement", "agreement_wealth"}, list(labels(600, 0.6, floor=0.4, confidence=0.6))),
        (
            {"lead_over_longer", "lead_over_shorter", "lead_over_tfidf"},
            list(labels(600, 0.8, floor=0.8)),
        ),
        ({"calibration_error"}, list(labels(600, 0.8, confidence=0.99))),
        ({"position_flips"}, list(labels(600, 0.8, flips=0.15))),
        ({"lead_over_tfidf"}, [
            replace(label, floors={"longer": label.floors["longer"], "shorter": 0.5})
            for label in labels(600, 0.8)
        ]),
    ],
)  # fmt: skip
def test_each_demand_holds_a_judge_back_by_itself(lacks: set[str], evidence: list[Label]) -> None:
    found = gate(*evidence)
    assert found.standing.state == State.LEARNING
    assert failed(found) == lacks
    assert all(name in found.report().reason for name in lacks)


def test_an_undecided_label_is_half_an_agreement_with_whatever_was_chosen() -> None:
    undecided = Label(vote=0.5, probability=0.9, at_random=True, floors={"longer": 1.0})
    assert (undecided.agreed, undecided.lead("longer")) == (0.5, 0)
    neither = Label(vote=1.0, probability=0.5, at_random=True, floors={"longer": 0.0})
    assert (neither.agreed, neither.lead("longer")) == (0.5, 0.5)
    assert Label(vote=0.5, probability=0.5, at_random=True).agreed == 0.5


def test_a_judge_that_breaks_falls_through_all_states_by_itself() -> None:
    found, seen = autonomous(), []
    for label in labels(300, 0.3, seed=1):
        if found.add_label(label):
            seen.append(found.standing.state)
    assert seen[-1] == State.LEARNING
    assert not found.report().passed
    assert found.standing.last_fall.endswith("by people's labels")
    assert found.standing.evidence.agreement.total < 300, "what came before the fall is forgotten"


def test_one_that_is_only_no_longer_good_enough_to_be_alone_is_assisted_again() -> None:
    found = autonomous()
    for label in labels(500, 0.57, seed=1):
        found.add_label(label)
    assert found.standing.state == State.ASSISTED
    assert "out of autonomous" in found.report().reason
    assert found.standing.evidence.agreement.total > 50, "it has fallen once"


def test_a_new_version_starts_from_nothing_and_earns_its_state_from_its_own_labels() -> None:
    found = autonomous()
    found.take_up(2)
    assert found.standing == Standing(judge_version=2)
    evidence = list(labels(600, 0.85))
    found.take_up(3, evidence)
    lived = Gate(SETTINGS, Standing())
    lived.take_up(3)
    for label in evidence:
        lived.add_label(label)
    assert found.standing == lived.standing
    assert found.standing.state == State.AUTONOMOUS
    found.take_up(4, labels(600, 0.55))
    assert found.standing.state == State.LEARNING


def test_answers_that_collapse_take_one_state_back_and_a_new_reference_is_taken() -> None:
    found = autonomous()
    for _ in range(500):
        assert not found.add_answer(USUAL)
    fell_after = next(n for n in range(500) if found.add_answer(SHORT))
    assert fell_after < 100
    assert found.standing.state == State.ASSISTED
    assert "drift, tokens fell" in found.report().reason
    assert found.standing.evidence.agreement.total == 0
    for _ in range(500):
        assert not found.add_answer(SHORT), "short is what is usual now"


def test_nothing_is_watched_while_no_score_trains_anything() -> None:
    found = gate()
    for answer in [USUAL] * 100 + [SHORT] * 100:
        assert not found.add_answer(answer)
    assert found.standing.drift.reference == []


def test_it_goes_on_from_what_was_written_down() -> None:
    found = autonomous()
    for answer in [USUAL] * 30:
        found.add_answer(answer)
    again = Gate(SETTINGS, Standing.model_validate_json(found.standing.model_dump_json()))
    assert again.standing == found.standing
    for label in labels(300, 0.3, seed=1):
        assert again.add_label(label) == found.add_label(label)
    assert again.standing == found.standing


def test_every_figure_of_the_highest_state_is_its_own_and_its_alarms_are_told() -> None:
    found = autonomous()
    figures = {figure.name: figure for figure in found.report().figures}
    assert figures["agreement"].threshold == SETTINGS.autonomous_agreement
    assert {"audit_of_assisted", "audit_of_autonomous", "drift"} <= figures.keys()
    assert figures["audit_of_autonomous"].threshold == 20
    assert not failed(found)


@pytest.mark.parametrize(
    ("field", "values"),
    [("vote", {"vote": 0.7}), ("longer", {"floors": {"longer": 2}}),
     ("probability", {"probability": float("nan")})],
)  # fmt: skip
def test_bad_labels_are_refused_by_name(field: str, values: dict) -> None:
    with pytest.raises(ValueError, match=f"^{field}:"):
        Label(**{"vote": 1.0, "probability": 0.5, "at_random": True, **values})


def test_the_higher_state_cannot_demand_less() -> None:
    with pytest.raises(ValueError, match="autonomous_agreement"):
        GateSettings(assisted_agreement=0.8, autonomous_agreement=0.7)
