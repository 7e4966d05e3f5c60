"""Where the points of a plot lie: geometry for the templates' SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 400, 210
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 12, 22
MOST_POINTS = 200
WILSON_Z = 1.96


@dataclass(frozen=True)
class Tick:
    """A line across the plot, and its label."""

    at: float
    """pixels from the left, or from the top"""
    text: str


@dataclass(frozen=True)
class Plot:
    """A line over a band, in pixels of a WIDTH x HEIGHT picture."""

    title: str
    says: str
    """What is to be seen, for those who cannot see it."""
    line: str
    band: str
    """`points` of a polyline and of a polygon; empty without points"""
    dots: Sequence[tuple[float, float]]
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    x_label: str
    empty: str = ""
    """Said in place of a plot that has no points."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True)
class Point:
    """A value between its bounds, all 0 to 1."""

    x: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Words:
    """What is written around a plot."""

    title: str
    x_label: str
    empty: str
    says: str = field(default="")


def plot(points: Sequence[Point], words: Words) -> Plot:
    """The points from left to right, values from 0 at the bottom to 1 at the top."""
    points = _thinned(points)
    xs = [point.x for point in points]
    first, last = min(xs, default=0.0), max(xs, default=1.0)

    def right(x: float) -> float:
        share = (x - first) / (last - first) if last > first else 0.5
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def down(value: float) -> float:
        return round(TOP + (1 - value) * (HEIGHT - TOP - BOTTOM), 1)

    dots = [(right(point.x), down(point.value)) for point in points]
    upper = [(right(point.x), down(point.high)) for point in points]
    lower = [(right(point.x), down(point.low)) for point in reversed(points)]
    ends = sorted({first, last}) if points else []
    return Plot(
        title=words.title,
        says=words.says if points else words.empty,
        line=_path(dots),
        band=_path([*upper, *lower]),
        dots=dots if len(dots) <= 30 else dots[-1:],
        x_ticks=[Tick(right(x), f"{x:g}") for x in ends],
        y_ticks=[Tick(down(share / 4), f"{25 * share}%") for share in range(5)],
        x_label=words.x_label,
        empty="" if points else words.empty,
    )


def wilson(successes: float, count: int) -> tuple[float, float]:
    """The 95% interval of a share, by Wilson's score; 0 to 1 where nothing was counted."""
    if count == 0:
        return 0.0, 1.0
    share, z2 = successes / count, WILSON_Z**2
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = (
        WILSON_Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    )
    return max(0.0, centre - half), min(1.0, centre + half)


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """Not more than can be told apart; the last one stays."""
    step = math.ceil(len(points) / MOST_POINTS) or 1
    return points[::-1][::step][::-1]


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
