"""Labels needed, from courses whose figures can be checked by hand."""

import pytest
from benchmarks.picking.course import Course
from benchmarks.picking.labels_needed import curve, gain, needed

LABELS = [60, 80, 100]
RANDOM = [[0.60, 0.70, 0.80], [0.60, 0.65, 0.80]]
QUICK = [[0.60, 0.80, 0.80], [0.60, 0.75, 0.80]]
LATE = [[0.60, 0.60, 0.60], [0.60, 0.60, 0.60]]


def courses() -> list[Course]:
    return [
        Course(way, seed, LABELS, values)
        for way, of in (("random", RANDOM), ("quick", QUICK), ("late", LATE))
        for seed, values in enumerate(of)
    ]


def test_labels_to_an_agreement_lie_between_two_fits() -> None:
    found = {round(each.agreement, 3): each for each in needed(courses(), "quick")}
    half = found[0.7]
    # At random the mean goes 0.6, 0.675, 0.8; the quick way 0.6, 0.775, 0.8.
    assert half.labels_at_random == pytest.approx(80 + 20 * (0.7 - 0.675) / 0.125)
    assert half.labels == pytest.approx(60 + 20 * 0.1 / 0.175)
    assert half.times_fewer.value == pytest.approx(half.labels_at_random / half.labels)
    assert 1 < half.times_fewer.low <= half.times_fewer.value <= half.times_fewer.high
    assert found[0.8].times_fewer.value == 1, "both get there with the last label"


def test_a_way_that_does_not_get_there_counts_as_if_it_did_at_the_end() -> None:
    for each in needed(courses(), "late"):
        assert not each.reached
        assert each.labels == 100


def test_gains_are_paired_by_seed() -> None:
    found = gain(courses(), "quick")
    assert found["at the end"].value == 0
    mean = found["mean of the rounds"]
    assert (mean.value, mean.low, mean.high) == pytest.approx((0.05, 0.05, 0.05))


def test_a_seed_that_some_way_lacks_is_left_out() -> None:
    more = [*courses(), Course("random", 7, LABELS, [0.0, 0.0, 0.0])]
    assert [point.value for point in curve(more, "random")] == pytest.approx([0.6, 0.675, 0.8])
