"""When it is proven that people agree less with the judge, and when it is not."""

import numpy as np
import pytest

from ratchet.learner.people_agreement import PeopleAgreement


def agreed(before: int, votes_before: int, now: int, votes_now: int) -> PeopleAgreement:
    """So many of so many votes on either side are as the judge chose."""
    sides = ((before, votes_before), (now, votes_now))
    right_n = np.concatenate([np.arange(votes) < right for right, votes in sides]).astype(float)
    return PeopleAgreement.of(right_n, np.arange(len(right_n)) >= votes_before)


def test_a_fall_that_chance_would_not_bring_is_one() -> None:
    assert agreed(76, 100, 18, 40).falls
    assert not agreed(76, 100, 28, 40).falls
    assert not agreed(45, 100, 30, 40).falls


@pytest.mark.parametrize(("before", "now"), [(9, 100), (100, 9), (0, 0)])
def test_few_votes_prove_nothing(before: int, now: int) -> None:
    found = agreed(before, before, 0, now)
    assert not found.enough
    assert not found.falls


def test_a_share_of_all_of_a_few_votes_is_not_certain() -> None:
    assert not agreed(10, 10, 7, 10).falls


@pytest.mark.parametrize("becomes_before", [False, True])
def test_where_nothing_falls_twenty_looks_seldom_bring_an_alarm(becomes_before: bool) -> None:
    """At votes that pile up under one floor, or at new ones under a new floor each time."""
    draw, alarms, streams, looks, votes = np.random.default_rng(0), 0, 200, 20, 10
    for _ in range(streams):
        right_n = (draw.random(40 + looks * votes) < 0.8).astype(float)
        for look in range(1, looks + 1):
            seen = 40 + look * votes
            floor = seen - votes if becomes_before else 40
            if PeopleAgreement.of(right_n[:seen], np.arange(seen) >= floor).falls:
                alarms += 1
                break
    assert alarms / streams < 0.05
