"""What is drift, what is only change, and how often there is an alarm for nothing."""

import numpy as np
import pytest

from ratchet.autonomy.drift import Answer, Drift
from ratchet.autonomy.settings import GateSettings
from ratchet.autonomy.wealth import PROOF

SETTINGS = GateSettings(reference_answers=100)


def answers(count: int, *, score: float = 0.5, tokens: float = 40, kl: float = 0.2, seed: int = 0):
    """Answers that vary as real ones do, lengths with a long tail."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        yield Answer(
            score=float(random.beta(8 * score, 8 * (1 - score))),
            tokens=int(random.exponential(tokens)),
            kl=float(random.exponential(kl)),
        )


def alarm_after(drift: Drift, before, after) -> int | None:
    for answer in before:
        drift.add(answer, SETTINGS)
        assert drift.wealth < PROOF
    for number, answer in enumerate(after):
        drift.add(answer, SETTINGS)
        if drift.wealth >= PROOF:
            return number
    return None


@pytest.mark.parametrize(
    ("changed", "suspect"),
    [
        ({"score": 0.9}, "score rose"),
        ({"score": 0.1}, "score fell"),
        ({"tokens": 150}, "tokens rose"),
        ({"tokens": 5}, "tokens fell"),
        ({"kl": 1.5}, "kl rose"),
    ],
)
def test_each_change_beyond_its_limit_is_found_and_named(changed: dict, suspect: str) -> None:
    drift = Drift()
    found = alarm_after(drift, answers(600), answers(600, seed=1, **changed))
    assert found is not None
    assert found < 300
    assert drift.suspect == suspect


@pytest.mark.parametrize("changed", [{"score": 0.62}, {"tokens": 60}, {"tokens": 28}, {"kl": 0.5}])
def test_change_within_the_limits_is_none(changed: dict) -> None:
    assert alarm_after(Drift(), answers(300), answers(2000, seed=1, **changed)) is None


def test_one_long_answer_does_not_hide_many_empty_ones() -> None:
    emptied = [Answer(0.5, 400 if n % 10 == 0 else 0, 0.2) for n in range(300)]
    assert alarm_after(Drift(), answers(300), emptied) is not None


def test_a_reference_of_empty_answers_can_be_left_too() -> None:
    nothing = [Answer(score=0.0, tokens=0, kl=0.0)] * 150
    assert alarm_after(Drift(), nothing, answers(300)) is not None


def test_what_was_not_measured_is_no_drift() -> None:
    unmeasured = [Answer(score=0.5, tokens=40)] * 300
    assert alarm_after(Drift(), unmeasured, unmeasured) is None
    moved = [Answer(0.5, 40, 2.0 if n % 8 == 0 else None) for n in range(300)]
    assert alarm_after(Drift(), unmeasured, moved) is not None


@pytest.mark.parametrize(
    ("field", "values"),
    [("score", {"score": 1.2}), ("tokens", {"tokens": -1}), ("kl", {"kl": float("nan")})],
)
def test_bad_answers_are_refused_by_name(field: str, values: dict) -> None:
    with pytest.raises(ValueError, match=f"^{field}:"):
        Answer(**{"score": 0.5, "tokens": 3, "kl": 0.1, **values})
