import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.process.token_bucket import TokenBucket


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_is_taken_comes_back_at_the_rate() -> None:
    clock = Clock()
    bucket = TokenBucket(10, 20, clock)
    assert bucket.take(20) == 0
    assert bucket.take(5) == pytest.approx(0.5)
    clock.now += 0.5
    assert bucket.take(5) == 0
    assert bucket.take(1) == pytest.approx(0.1)


def test_a_request_above_the_capacity_passes_a_full_bucket_and_is_paid_off() -> None:
    clock = Clock()
    bucket = TokenBucket(10, 20, clock)
    assert bucket.take(50) == 0
    assert bucket.take(10) == pytest.approx(4)
    clock.now += 4
    assert bucket.take(10) == 0


def test_what_is_given_back_can_be_taken_again() -> None:
    bucket = TokenBucket(10, 20, Clock())
    assert bucket.take(20) == 0
    bucket.give_back(20)
    assert bucket.take(20) == 0


def test_a_reserve_that_is_not_used_does_not_grow() -> None:
    clock = Clock()
    bucket = TokenBucket(10, 20, clock)
    clock.now += 1000
    assert bucket.take(20) == 0
    assert bucket.take(1) == pytest.approx(0.1)


@given(
    rate=st.integers(1, 1000),
    burst=st.integers(1, 1000),
    asks=st.lists(st.tuples(st.floats(0, 5), st.integers(1, 3000)), max_size=50),
)
def test_over_any_time_no_more_than_the_rate_the_burst_and_one_request(
    rate: int, burst: int, asks: list[tuple[float, int]]
) -> None:
    clock = Clock()
    bucket = TokenBucket(rate, burst, clock)
    taken, largest = 0, 0
    for pause, tokens in asks:
        clock.now += pause
        wait = bucket.take(tokens)
        assert wait >= 0
        if not wait:
            taken += tokens
            largest = max(largest, tokens)
        else:
            # Whoever waits as long as told, and is not overtaken, is let in.
            clock.now += wait * (1 + 1e-9) + 1e-9
            assert bucket.take(tokens) == 0
            taken += tokens
            largest = max(largest, tokens)
    assert taken <= rate * clock.now + burst + largest + 1e-6 * (1 + taken)
