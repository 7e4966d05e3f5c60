"""Histograms: as exact as they say, and the same whichever process counted."""

import pickle

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st
from load_tests.histogram import Histogram
from load_tests.tally import Tally

DURATIONS = st.lists(st.floats(0.000_01, 100), min_size=1, max_size=60)


def of(durations: list[float]) -> Histogram:
    histogram = Histogram()
    for seconds in durations:
        histogram.record(seconds)
    return histogram


@given(durations=DURATIONS, percent=st.sampled_from([50.0, 90.0, 99.0, 99.9, 100.0]))
def test_a_percentile_is_a_recorded_duration_to_three_digits(
    durations: list[float], percent: float
) -> None:
    found = of(durations).percentile(percent)
    assert found is not None
    # The rank as HdrHistogram counts it.
    rank = max(int(percent / 100 * len(durations) + 0.5), 1)
    assert found == pytest.approx(sorted(durations)[rank - 1], rel=0.0015, abs=2e-6)


@given(parts=st.lists(DURATIONS, min_size=1, max_size=4))
def test_merged_is_as_if_one_had_counted_all(parts: list[list[float]]) -> None:
    merged = Histogram()
    for part in parts:
        # As it comes from another process.
        merged.add(pickle.loads(pickle.dumps(of(part))))
    whole = of([seconds for part in parts for seconds in part])
    assert len(merged) == len(whole)
    for percent in (1, 50, 99, 99.9, 100):
        assert merged.percentile(percent) == whole.percentile(percent)


def test_what_it_writes_other_tools_of_hdr_read() -> None:
    encoded = of([0.001, 0.002, 0.004]).encode()
    theirs = HdrHistogram.decode(encoded.encode())
    assert theirs.get_total_count() == 3
    assert theirs.get_value_at_percentile(50) == pytest.approx(2000, rel=0.001)
    assert Histogram(encoded).percentile(50) == pytest.approx(0.002, rel=0.001)


def test_an_empty_one_has_no_percentiles_and_extremes_are_kept() -> None:
    assert Histogram().percentile(50) is None
    assert of([-0.1]).percentile(100) == 0
    assert of([1e9]).percentile(100) == pytest.approx(3600, rel=0.001)


@pytest.mark.parametrize("text", ["x", "aGVsbG8=", "HISTFAAA"])
def test_what_is_no_histogram_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no HDR histogram"):
        Histogram(text)


def test_tallies_add_up() -> None:
    one, other = Tally(), Tally()
    one.record(0, 0, 0.5, "OK", slo=1)
    one.record(0, 0.2, 0.5, "UNAVAILABLE", slo=1)
    other.record(0, 0, 2, "OK", slo=3)
    one.add(pickle.loads(pickle.dumps(other)))
    assert one.codes == {"OK": 2, "UNAVAILABLE": 1}
    assert one.good == 2
    assert (len(one.accepted), len(one.lateness)) == (2, 3)
    assert one.accepted.percentile(100) == pytest.approx(2, rel=0.001)
