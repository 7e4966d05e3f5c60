"""When it is proven that people agree less with the judge, and when it is not."""

import numpy as np
import pytest

from ratchet.learner.people_agreement import PeopleAgreement


def test_a_fall_that_chance_would_not_bring_is_one() -> None:
    assert PeopleAgreement(0.76, 100, 0.45, 40).falls
    assert not PeopleAgreement(0.76, 100, 0.70, 40).falls
    assert not PeopleAgreement(0.45, 100, 0.76, 40).falls


@pytest.mark.parametrize(("before", "now"), [(9, 100), (100, 9), (0, 0)])
def test_few_votes_prove_nothing(before: int, now: int) -> None:
    found = PeopleAgreement(1.0, before, 0.0, now)
    assert not found.enough
    assert not found.falls


def test_a_share_of_all_of_a_few_votes_is_not_certain() -> None:
    assert not PeopleAgreement(1.0, 10, 0.7, 10).falls


def test_where_nothing_falls_an_alarm_is_as_rare_as_it_says() -> None:
    draw = np.random.default_rng(0)
    for votes_now in (10, 40):
        alarms = [
            PeopleAgreement(
                draw.binomial(80, 0.7) / 80,
                80,
                draw.binomial(votes_now, 0.7) / votes_now,
                votes_now,
            ).falls
            for _ in range(4000)
        ]
        assert np.mean(alarms) < 0.065
