from hypothesis import given
from hypothesis import strategies as st

from ratchet.feedback.page.plot import HEIGHT, MOST_POINTS, WIDTH, Point, Words, plot, wilson

SHARES = st.floats(0, 1)
WORDS = Words("title", "x", "nothing yet")


@given(st.lists(st.tuples(SHARES, SHARES, SHARES), min_size=1, max_size=500))
def test_a_plot_stays_in_its_frame_and_ends_with_its_last_point(values: list[tuple]) -> None:
    points = [Point(x, v, min(v, a), max(v, b)) for x, (v, a, b) in enumerate(values)]
    drawn = plot(points, WORDS)
    corners = [tuple(map(float, pair.split(","))) for pair in f"{drawn.line} {drawn.band}".split()]
    assert all(drawn.left <= x <= drawn.right and 0 <= y <= drawn.bottom for x, y in corners)
    assert len(drawn.line.split()) <= MOST_POINTS
    assert (drawn.width, drawn.height) == (WIDTH, HEIGHT)
    last = plot(points[-1:], WORDS).dots[0][1]
    assert drawn.dots[-1][1] == last


def test_of_many_points_the_last_one_stays() -> None:
    points = [Point(x, 0.5, 0, 1) for x in range(2 * MOST_POINTS)] + [Point(999, 0.9, 0, 1)]
    drawn = plot(points, WORDS)
    assert len(drawn.line.split()) <= MOST_POINTS
    assert drawn.dots[-1] == (drawn.right, plot([points[-1]], WORDS).dots[0][1])


def test_better_is_higher_and_later_is_further_right() -> None:
    (x1, y1), (x2, y2) = plot([Point(1, 0.2, 0, 1), Point(2, 0.8, 0, 1)], WORDS).dots
    assert x1 < x2
    assert y1 > y2


def test_without_points_it_says_so() -> None:
    assert plot([], WORDS).empty == "nothing yet"


@given(st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_narrows(counted: tuple[int, int]) -> None:
    successes, count = counted
    low, high = wilson(successes, count)
    assert 0 <= low <= high <= 1
    if count:
        assert low - 1e-9 <= successes / count <= high + 1e-9
        wide_low, wide_high = low, high
        low, high = wilson(4 * successes, 4 * count)
        assert high - low < wide_high - wide_low
