"""When a run makes no more updates: in time, and not before."""

import math

from hypothesis import given
from hypothesis import strategies as st

from ratchet.demo.pace import Pace


def test_updates_go_on_while_another_and_the_end_fit():
    pace = Pace(deadline=1000.0, updates_to_end=3, last_update_by=math.inf)
    for updates, at in ((1, 100.0), (2, 200.0), (3, 300.0)):
        pace.see(updates, at)
    assert not pace.is_over(300.0)
    pace.see(6, 600.0)
    assert not pace.is_over(600.0)
    pace.see(7, 700.0)
    assert pace.is_over(700.0)


def test_waiting_for_an_update_does_not_count_as_slowness():
    pace = Pace(deadline=1000.0, updates_to_end=3, last_update_by=math.inf)
    pace.see(1, 100.0)
    pace.see(6, 600.0)
    assert not pace.is_over(699.0)
    assert pace.is_over(701.0)


def test_the_last_update_has_a_deadline_of_its_own():
    pace = Pace(deadline=math.inf, updates_to_end=3, last_update_by=450.0)
    for updates, at in ((1, 100.0), (2, 200.0), (3, 300.0)):
        pace.see(updates, at)
    assert not pace.is_over(300.0)
    pace.see(4, 400.0)
    assert pace.is_over(400.0)


def test_one_update_tells_nothing():
    pace = Pace(deadline=100.0, updates_to_end=3, last_update_by=math.inf)
    pace.see(1, 500.0)
    pace.see(1, 600.0)
    assert not pace.is_over(600.0)


def test_without_a_limit_it_is_never_over():
    pace = Pace(deadline=math.inf, updates_to_end=3, last_update_by=math.inf)
    pace.see(1, 1.0)
    pace.see(2, 1e9)
    assert not pace.is_over(1e12)


@given(st.lists(st.floats(1, 300), min_size=2, max_size=30), st.integers(0, 9))
def test_a_steady_run_ends_in_time(seconds, to_end):
    """Whatever the first update took, updates of one length never end after the deadline."""
    first, each = seconds[0], seconds[1]
    deadline = first + each * (len(seconds) + to_end)
    pace, now = Pace(deadline, to_end, math.inf), first
    pace.see(1, now)
    for updates in range(2, 200):
        now += each
        pace.see(updates, now)
        if pace.is_over(now):
            break
    assert now + to_end * each <= deadline + 1e-6
