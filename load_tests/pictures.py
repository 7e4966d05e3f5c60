"""The report's pictures, as SVG in data URLs."""

import io
from base64 import b64encode
from collections.abc import Callable, Sequence

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from load_tests.histogram import Histogram
from load_tests.knee import find_knee
from load_tests.result import PERCENTILES, RunResult, StepResult

BLUES = ("#8db4dd", "#4f88c4", "#1f5fa8", "#0b2f5c")
COLORS = ("#1f5fa8", "#c2571a", "#2f7d4f", "#7a3e9d", "#b8860b", "#555555")
SLO, KNEE, GOOD, ERRORS = "#8a1c1c", "#888888", "#2f7d4f", COLORS[1:]


def latency(run: RunResult) -> str:
    """Percentiles against the offered rate, with the SLO and the knee."""

    def draw(axes: Axes) -> None:
        steps = _by_rate(run)
        offered = [step.offered for step in steps]
        for percent, color in zip(PERCENTILES, BLUES, strict=True):
            values = _latencies(steps, percent)
            axes.plot(offered, values, "o-", color=color, label=f"p{percent:g}")
            axes.plot(*_doubtful(steps, values), "o", color=color, markerfacecolor="white")
        axes.axhline(run.info.slo_ms, color=SLO, linestyle="--", label="SLO")
        if knee := find_knee(run.steps, run.info.slo_ms):
            axes.axvline(knee.step.offered, color=KNEE, linestyle=":", label=f"knee {knee}")
        _label(axes, "Latency of accepted calls, from the scheduled send", "ms", log=True)

    return _svg(f"{run.info.name} latency", draw)


def goodput(runs: Sequence[RunResult]) -> str:
    """Calls answered within the SLO against calls offered, of all runs."""

    def draw(axes: Axes) -> None:
        highest = max(step.offered for run in runs for step in run.steps)
        axes.plot(
            [0, highest], [0, highest], color=KNEE, linestyle=":", label="all that is offered"
        )
        for run, color in zip(runs, _colors(len(runs)), strict=True):
            steps = _by_rate(run)
            values = [step.goodput for step in steps]
            axes.plot([s.offered for s in steps], values, "o-", color=color, label=run.info.name)
            axes.plot(*_doubtful(steps, values), "o", color=color, markerfacecolor="white")
        _label(axes, "Goodput: answered within the SLO", "calls/s")

    return _svg("goodput", draw)


def comparison(runs: Sequence[RunResult]) -> str:
    """The p50 and p99 of all runs."""

    def draw(axes: Axes) -> None:
        for run, color in zip(runs, _colors(len(runs)), strict=True):
            steps = _by_rate(run)
            offered = [step.offered for step in steps]
            for percent, line in ((50.0, "--"), (99.0, "-")):
                label = f"{run.info.name} p{percent:g}"
                values = _latencies(steps, percent)
                axes.plot(offered, values, line, marker="o", color=color, label=label)
                axes.plot(*_doubtful(steps, values), "o", color=color, markerfacecolor="white")
        _label(axes, "Latency of accepted calls, from the scheduled send", "ms", log=True)

    return _svg("comparison", draw)


def errors(run: RunResult) -> str:
    """What share of each step's calls ended how."""

    def draw(axes: Axes) -> None:
        steps = _by_rate(run)
        late = [step.codes.get("OK", 0) - step.good for step in steps]
        parts = {"OK within the SLO": [step.good for step in steps], "OK, too late": late}
        for code in sorted({code for step in steps for code in step.codes} - {"OK"}):
            parts[code] = [step.codes.get(code, 0) for step in steps]
        below = np.zeros(len(steps))
        for (name, counts), color in zip(
            parts.items(), (GOOD, "#a9cbb6", *ERRORS * 4), strict=False
        ):
            shares = np.array([n / step.calls for n, step in zip(counts, steps, strict=True)])
            axes.bar(range(len(steps)), shares, bottom=below, color=color, label=name)
            below += shares
        axes.set_xticks(range(len(steps)), [f"{step.offered:.1f}" for step in steps])
        _label(axes, "How calls ended", "share of calls")

    return _svg(f"{run.info.name} errors", draw)


def distribution(run: RunResult) -> str:
    """Each step's whole histogram, the tail drawn out as HDR plots do."""

    def draw(axes: Axes) -> None:
        steps = [step for step in _by_rate(run) if step.codes.get("OK")]
        shades = plt.get_cmap("viridis")(np.linspace(0, 0.9, len(steps)))
        for step, color in zip(steps, shades, strict=True):
            histogram = Histogram(step.histogram)
            # One of 1, 2, 5, 10, ... calls is slower; no further than there are calls.
            odds = np.geomspace(1, max(len(histogram), 2), 60)
            values = [1000 * (histogram.percentile(100 - 100 / each) or 0) for each in odds]
            axes.plot(odds, values, color=color, label=f"{step.offered:.1f} calls/s")
        axes.set_xscale("log")
        ticks = [1, 2, 10, 100, 1000, 10000]
        axes.set_xticks(ticks, ["0%", "50%", "90%", "99%", "99.9%", "99.99%"])
        axes.axhline(run.info.slo_ms, color=SLO, linestyle="--", label="SLO")
        _label(axes, "Latency by percentile", "ms", x="percentile of accepted calls", log=True)

    return _svg(f"{run.info.name} distribution", draw)


def _by_rate(run: RunResult) -> list[StepResult]:
    return sorted(run.steps, key=lambda step: step.offered)


def _latencies(steps: Sequence[StepResult], percent: float) -> list[float]:
    values = [step.latency_ms[f"{percent:g}"] for step in steps]
    return [float("nan") if value is None else value for value in values]


def _doubtful(
    steps: Sequence[StepResult], values: Sequence[float]
) -> tuple[list[float], list[float]]:
    """The points of steps that are not to be trusted, drawn hollow."""
    pairs = [(s.offered, v) for s, v in zip(steps, values, strict=True) if not s.trusted]
    return [x for x, _ in pairs], [y for _, y in pairs]


def _colors(count: int) -> tuple[str, ...]:
    return (COLORS * (count // len(COLORS) + 1))[:count]


def _label(axes: Axes, title: str, y: str, x: str = "offered, calls/s", log: bool = False) -> None:
    axes.set(title=title, xlabel=x, ylabel=y)
    if log:
        axes.set_yscale("log")
    axes.legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))


def _svg(name: str, draw: Callable[[Axes], None]) -> str:
    # Text stays text; the salt makes the same picture of the same numbers.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
        plt.close(figure)
    return f"data:image/svg+xml;base64,{b64encode(out.getvalue()).decode()}"
