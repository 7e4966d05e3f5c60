"""When it is proven that one mean is below another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.autonomy.fall import fall_wealth
from ratchet.autonomy.wealth import PROOF, Tally

counts = st.dictionaries(st.sampled_from([0.0, 0.5, 1.0]), st.integers(1, 200))


def test_without_outcomes_on_both_sides_nothing_is_proven() -> None:
    assert fall_wealth(Tally(), Tally()) == pytest.approx(1.0)
    assert fall_wealth(Tally(counts={1.0: 500}), Tally()) <= 1
    assert fall_wealth(Tally(), Tally(counts={0.0: 500})) <= 1


def test_a_clear_fall_is_proven_and_a_rise_is_none() -> None:
    high, low = Tally(counts={1.0: 76, 0.0: 24}), Tally(counts={1.0: 18, 0.0: 22})
    assert fall_wealth(high, low) >= PROOF
    assert fall_wealth(low, high) < 1


@given(counts, counts)
def test_it_is_the_least_product_over_all_means_that_both_could_have(before, now) -> None:
    wealth = fall_wealth(Tally(counts=before), Tally(counts=now))
    flipped = Tally(counts={1 - x: count for x, count in now.items()})
    for mean in (0.013, 0.25, 0.5, 0.721, 0.99):
        product = Tally(counts=before).wealth(mean) * flipped.wealth(1 - mean)
        assert wealth <= product * (1 + 1e-9)
