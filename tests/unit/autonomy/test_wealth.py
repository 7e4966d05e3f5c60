"""What a bettor may know, and what his wealth proves."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.autonomy.change import ChangeWealth
from ratchet.autonomy.wealth import PROOF, STAKES, Tally, growth

OUTCOMES = st.lists(st.sampled_from([0.0, 0.5, 1.0]), max_size=60)
MEANS = st.floats(0.05, 0.95)


def tally(outcomes) -> Tally:
    found = Tally()
    for outcome in outcomes:
        found.add(outcome)
    return found


@given(OUTCOMES, MEANS)
def test_wealth_is_the_product_over_bets_that_know_earlier_outcomes_alone(outcomes, mean) -> None:
    wealth, so_far = 1.0, Tally()
    for outcome in outcomes:
        bet = so_far.bet(mean)
        assert 0 <= bet < 1 / mean, "no outcome can ruin him"
        wealth *= 1 + bet * (outcome - mean)
        so_far.add(outcome)
        assert so_far.wealth(mean) == pytest.approx(wealth, rel=1e-6)
        assert wealth > 0


@given(OUTCOMES, MEANS)
def test_a_fair_game_is_fair(outcomes, mean) -> None:
    """At the threshold itself the next wealth is expected to be the present one."""
    before = tally(outcomes)
    won, lost = tally([*outcomes, 1.0]), tally([*outcomes, 0.0])
    expected = mean * won.wealth(mean) + (1 - mean) * lost.wealth(mean)
    assert expected == pytest.approx(before.wealth(mean), rel=1e-6)


@given(OUTCOMES, MEANS)
def test_the_bound_is_above_a_threshold_where_wealth_has_reached_20(outcomes, mean) -> None:
    reached, so_far = False, Tally()
    for outcome in outcomes:
        so_far.add(outcome)
        reached = reached or so_far.wealth(mean) >= PROOF
        if abs(so_far.bound - mean) > 1e-6:
            assert (so_far.bound > mean) == reached
        assert so_far.bound <= 1


@given(OUTCOMES)
def test_no_bet_is_far_behind_the_best_of_the_grid(outcomes) -> None:
    best = np.prod(growth(np.array(outcomes), 0.6), axis=0).max()
    assert tally(outcomes).wealth(0.6) >= best / len(STAKES) * (1 - 1e-9)


def test_a_long_life_overflows_nothing() -> None:
    found = Tally(counts={1.0: 10**6, 0.0: 10**5})
    found.add(1.0)
    assert 0.9 < found.bound < found.mean
    assert math.isfinite(found.wealth(0.5))


@pytest.mark.parametrize("outcome", [-0.1, 1.1, float("nan")])
def test_an_outcome_outside_its_bounds_is_refused(outcome) -> None:
    for bettor in (Tally(), ChangeWealth(mean=0.5)):
        with pytest.raises(ValueError, match="not between 0 and 1"):
            bettor.add(outcome)


@given(OUTCOMES, MEANS)
def test_one_who_waits_for_a_change_plays_a_fair_game_too(outcomes, mean) -> None:
    bettor = ChangeWealth(mean=mean)
    for outcome in outcomes:
        won, lost = bettor.model_copy(deep=True), bettor.model_copy(deep=True)
        won.add(1.0)
        lost.add(0.0)
        expected = mean * won.wealth + (1 - mean) * lost.wealth
        assert expected == pytest.approx(bettor.wealth, rel=1e-6)
        bettor.add(outcome)
        assert bettor.wealth > 0


def test_a_change_after_a_long_time_is_found_as_it_would_not_be_by_one_who_staked_all() -> None:
    change, staked = ChangeWealth(mean=0.4), Tally()
    random = np.random.default_rng(1)
    for outcome in (random.random(1000) < 0.2).astype(float):
        change.add(outcome)
        staked.add(outcome)
    after = 0
    while change.wealth < PROOF:
        outcome = float(random.random() < 0.7)
        change.add(outcome)
        staked.add(outcome)
        after += 1
    assert after < 150
    assert staked.wealth(0.4) < 1e-6


def test_both_go_on_from_what_was_written_down() -> None:
    for bettor in (tally([1.0, 0.5, 0.0]), ChangeWealth(mean=0.3)):
        bettor.add(1.0)
        again = type(bettor).model_validate_json(bettor.model_dump_json())
        assert again == bettor
        again.add(0.5)
        bettor.add(0.5)
        assert again == bettor
