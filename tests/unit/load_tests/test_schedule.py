"""Schedules: of the asked rate, in order, the same again for a seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from load_tests.schedule import Phase, Step, arrivals, constant, ramp, steps

RATES = st.floats(10, 300)
SECONDS = st.floats(1, 20)
SEEDS = st.one_of(st.none(), st.tuples(st.integers(0, 1000)))


def length(phase: Phase) -> float:
    return sum(step.seconds for step in phase)


@given(first=RATES, last=RATES, seconds=SECONDS, windows=st.integers(1, 9), seed=SEEDS)
def test_calls_are_due_in_order_within_their_step(
    first: float, last: float, seconds: float, windows: int, seed: tuple[int] | None
) -> None:
    [phase] = ramp(first, last, seconds, windows)
    assert length(phase) == pytest.approx(seconds)
    calls = arrivals(phase, 0, seed)
    assert np.all(np.diff(calls.due) >= 0)
    begins = np.cumsum([0.0, *(step.seconds for step in phase)])
    assert np.all(begins[calls.step] <= calls.due + 1e-6)
    assert np.all(calls.due <= begins[calls.step + 1] + 1e-6)


@given(rate=RATES, seconds=SECONDS)
def test_even_calls_are_as_many_as_asked_and_as_far_apart(rate: float, seconds: float) -> None:
    [phase] = constant(rate, seconds)
    due = arrivals(phase, 0, None).due
    assert len(due) == round(rate * seconds)
    assert due == pytest.approx(np.arange(len(due)) / rate)


@given(rate=RATES, seconds=SECONDS, seed=st.tuples(st.integers(0, 1000)))
def test_a_poisson_process_has_its_rate_and_its_seed(
    rate: float, seconds: float, seed: tuple[int]
) -> None:
    [phase] = constant(rate, seconds)
    due = arrivals(phase, 0, seed).due
    expected = rate * seconds
    assert abs(len(due) - expected) <= 6 * expected**0.5 + 6
    assert np.array_equal(due, arrivals(phase, 0, seed).due)


def test_the_gaps_of_a_poisson_process_are_exponential() -> None:
    [phase] = constant(1000, 100)
    gaps = np.diff(arrivals(phase, 0, (3,)).due)
    assert np.mean(gaps) == pytest.approx(0.001, rel=0.02)
    assert np.std(gaps) == pytest.approx(0.001, rel=0.02)


@given(first=RATES, last=RATES, seconds=SECONDS, windows=st.integers(1, 9))
def test_a_ramp_rises_evenly(first: float, last: float, seconds: float, windows: int) -> None:
    [phase] = ramp(first, last, seconds, windows)
    assert (phase[0].first_rate, phase[-1].last_rate) == pytest.approx((first, last))
    due = arrivals(phase, 0, None).due
    counts = first * due + (last - first) / seconds / 2 * due**2
    assert counts == pytest.approx(np.arange(len(due)), abs=1e-4)
    assert len(due) == round((first + last) / 2 * seconds)


def test_every_rate_of_steps_is_a_phase_of_its_own() -> None:
    assert steps([5, 10], 2) == [(Step(5, 5, 2),), (Step(10, 10, 2),)]


@given(workers=st.integers(1, 5), calls=st.integers(1, 40))
def test_processes_send_every_call_once(workers: int, calls: int) -> None:
    [phase] = constant(calls, 1)
    whole = arrivals(phase, 7, None)
    shares = [whole.share(worker, workers) for worker in range(workers)]
    numbers = np.sort(np.concatenate([share.number for share in shares]))
    assert numbers.tolist() == list(range(7, 7 + calls))
    assert np.sort(np.concatenate([share.due for share in shares])) == pytest.approx(whole.due)


@pytest.mark.parametrize(
    ("first", "last", "seconds", "field"),
    [(0, 1, 1, "first_rate"), (1, -2, 1, "last_rate"), (1, 1, float("nan"), "seconds")],
)
def test_a_step_without_sense_is_told_by_field(
    first: float, last: float, seconds: float, field: str
) -> None:
    with pytest.raises(ValueError, match=field):
        Step(first, last, seconds)


def test_a_step_too_short_for_a_call_is_refused() -> None:
    with pytest.raises(ValueError, match="seconds: no call is expected"):
        Step(0.1, 0.1, 1)
