"""The picture of docs/autonomy.md."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from benchmarks.gate.bettors import grid
from benchmarks.gate.false_alarms import LABELS, STREAMS, THRESHOLD, false_shares
from benchmarks.gate.fixed_tests import peeking_binomial
from benchmarks.gate.power import AGREEMENTS, Point

COLORS = {
    "the gate": "#1f5fa8",
    "aGRAPA": "#2f7d4f",
    "ONS": "#b8860b",
    "Clopper-Pearson, Bonferroni": "#666666",
    "Hoeffding, Bonferroni": "#b0b7c0",
}


def draw(points: Sequence[Point], path: Path) -> None:
    """Writes a PNG: labels needed on the left, errors of who looks often on the right."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    _power(left, points)
    _peeking(right)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def _power(axes: Axes, points: Sequence[Point]) -> None:
    agreements = AGREEMENTS[THRESHOLD]
    for test, color in COLORS.items():
        own = [p for p in points if p.test == test and p.threshold == THRESHOLD]
        axes.plot(agreements, [median(p.half) for p in own], "o-", color=color, label=test)
    ours = [p for p in points if p.test == "the gate" and p.threshold == THRESHOLD]
    axes.plot(
        agreements,
        [median(p.nine_tenths) for p in ours],
        "o:",
        color=COLORS["the gate"],
        label="the gate, 90% of the judges",
    )
    axes.set(
        title=f"Labels until half of the judges are over {THRESHOLD}",
        xlabel="true agreement with people",
        ylabel="labels",
        yscale="log",
    )
    axes.legend(frameon=False, fontsize="small")


def _peeking(axes: Axes) -> None:
    labels = range(1, LABELS + 1)
    for test, name, color in (
        (peeking_binomial, "binomial test, looked at after every label", "#a33b3b"),
        (grid, "the gate", COLORS["the gate"]),
    ):
        axes.plot(labels, false_shares(test, THRESHOLD, 0), color=color, label=name)
    axes.axhline(5, color="#888888", linestyle=":", label="5%")
    axes.set(
        title=f"Judges promoted that are at {THRESHOLD} exactly, of {STREAMS:,}",
        xlabel="labels",
        ylabel="% promoted so far",
        ylim=(0, None),
    )
    axes.legend(frameon=False, fontsize="small")
