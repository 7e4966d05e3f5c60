"""Where a server saturates, by the definition that the report states."""

from load_tests.knee import find_knee, holds
from load_tests.result import StepResult
from tests.unit.load_tests.results import SLO_MS, step


def rate(*steps: StepResult) -> tuple[float, bool] | None:
    knee = find_knee(steps, SLO_MS)
    return knee and (round(knee.step.offered), knee.passed)


def test_a_server_holds_with_both_goodput_and_p99_within_the_slo() -> None:
    assert holds(step(10, 99), SLO_MS)
    assert not holds(step(10, 101), SLO_MS)
    assert holds(step(10, 50, share_ok=0.95), SLO_MS)
    assert not holds(step(10, 50, share_ok=0.94), SLO_MS)
    assert not holds(step(10, 50, share_ok=0), SLO_MS)
    assert holds(step(10, 50, slow=1), SLO_MS)
    assert not holds(step(10, 50, slow=3), SLO_MS), "97% are good, and the p99 is too much"


def test_the_knee_is_the_last_rate_before_the_first_that_is_too_much() -> None:
    assert rate(step(40, 300), step(10, 20), step(20, 40)) == (20, True)


def test_a_rate_that_holds_above_one_that_does_not_is_no_knee() -> None:
    assert rate(step(10, 20), step(20, 300), step(40, 50)) == (10, True)


def test_where_all_rates_hold_the_knee_lies_further_up() -> None:
    knee = find_knee([step(10, 20), step(20, 40)], SLO_MS)
    assert knee is not None
    assert not knee.passed
    assert str(knee) == "not reached; above 20.0 calls/s"


def test_there_is_none_where_the_lowest_rate_is_too_much() -> None:
    assert rate(step(10, 300), step(20, 400)) is None


def test_a_step_in_which_the_generator_was_late_proves_nothing() -> None:
    assert not step(40, 300, late_ms=11).trusted
    assert step(40, 300, late_ms=9).trusted
    assert rate(step(10, 20), step(20, 300, late_ms=50), step(40, 60)) == (40, False)
    assert rate(step(10, 20, late_ms=50)) is None
