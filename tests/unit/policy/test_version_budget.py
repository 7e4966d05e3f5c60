"""How many training groups are sampled before the learner has caught up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.policy.version_budget import VersionBudget


def test_a_version_gives_what_one_update_takes() -> None:
    budget = VersionBudget(groups_per_version=8, max_staleness=0, stall_seconds=120)
    budget.take(8, now=0)
    assert budget.left == 0
    budget.new_version(now=10)
    assert budget.left == 8


def test_more_than_is_left_is_refused_and_takes_nothing() -> None:
    budget = VersionBudget(groups_per_version=8, max_staleness=0, stall_seconds=120)
    with pytest.raises(ValueError, match="9 groups wanted, 8 left"):
        budget.take(9, now=0)
    assert budget.left == 8


def test_a_stalled_loop_goes_on() -> None:
    budget = VersionBudget(groups_per_version=8, max_staleness=0, stall_seconds=120)
    budget.take(8, now=100)
    assert not budget.refill_if_stalled(now=219)
    assert budget.seconds_to_stall(now=219) == 1
    assert budget.refill_if_stalled(now=220)
    assert budget.left == 8
    budget.take(8, now=230)
    assert not budget.refill_if_stalled(now=340), "the clock starts anew"


def test_a_loop_that_has_something_left_is_not_stalled() -> None:
    budget = VersionBudget(groups_per_version=8, max_staleness=0, stall_seconds=120)
    budget.take(7, now=0)
    assert not budget.refill_if_stalled(now=1e6)
    assert budget.left == 1


@given(
    per_version=st.integers(1, 16),
    staleness=st.integers(0, 3),
    wanted=st.lists(st.integers(0, 64), max_size=30),
)
def test_groups_are_never_more_than_max_staleness_versions_ahead(
    per_version: int, staleness: int, wanted: list[int]
) -> None:
    budget = VersionBudget(per_version, staleness, stall_seconds=120)
    sampled = 0
    for updates, groups in enumerate(wanted):
        taken = min(groups, budget.left)
        budget.take(taken, now=0)
        sampled += taken
        assert taken <= per_version * (1 + staleness), "invariant 8 of docs/design.md"
        assert sampled <= per_version * (updates + 1 + staleness)
        budget.new_version(now=0)
