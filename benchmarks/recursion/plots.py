"""The experiment's pictures."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.recursion.arm import ARMS
from benchmarks.recursion.results import Results, RunResult

COLORS = dict(zip(ARMS, plt.get_cmap("tab10").colors, strict=False))  # pyright: ignore
SIZE, DPI = (8, 4), 110


def draw(results: Results, folder: Path) -> list[Path]:
    """Writes the PNG files, and returns them in the order of the page."""
    pictures: list[tuple[str, Callable[[Figure, Results], None]]] = [
        ("recursion-kl", _over_kl),
        ("recursion-steps", _over_steps),
        ("recursion-agreement", _agreement),
        ("recursion-labels", _labels),
        ("recursion-reads", _over_reads),
    ]
    paths: list[Path] = []
    for name, picture in pictures:
        figure = plt.figure(figsize=SIZE, layout="constrained")
        picture(figure, results)
        for axes in figure.axes:
            axes.spines[["top", "right"]].set_visible(False)
        paths.append(folder / f"{name}.png")
        figure.savefig(paths[-1], dpi=DPI)
        plt.close(figure)
    return paths


def _over_kl(figure: Figure, results: Results) -> None:
    """Gold and proxy (Gao et al., arXiv 2210.10760, figure 1)."""
    left, right = figure.subplots(1, 2)
    for name in ("F", "O", "gold"):
        for axes, value in ((left, "gold"), (right, "proxy")):
            for i, run in enumerate(results.of(name).values()):
                points = [(max(x["kl"], 0) ** 0.5, x[value]) for x in run.lines if value in x]
                label = name if i == 0 else None
                axes.plot(*zip(*points, strict=True), ".-", color=COLORS[name], alpha=0.6,
                          label=label) if points else None  # fmt: skip
    left.set(title="Gold, hidden from the loop", ylabel="points")
    right.set(title="The judge's score, which is optimised", ylabel="share of the weight")
    for axes in (left, right):
        axes.set_xlabel("√KL to the first policy (nats per token)")
    left.legend(frameon=False)


def _over_steps(figure: Figure, results: Results) -> None:
    _curves(figure.subplots(), results, "step", "gold", "updates", "gold, mean of the seeds")


def _over_reads(figure: Figure, results: Results) -> None:
    axes = figure.subplots()
    _curves(axes, results, "answers_read", "gold", "answers read", "gold, mean of the seeds")


def _agreement(figure: Figure, results: Results) -> None:
    axes = figure.subplots()
    _curves(axes, results, "step", "agreement", "updates", "judge's agreement with gold")
    axes.set_title("On the newest policy's own fresh pairs, before the judge is fitted to any")


def _labels(figure: Figure, results: Results) -> None:
    axes = figure.subplots()
    for name in ("O+A", "O+A0", "O+shuffled"):
        for of, style in (("shown", "-"), ("alone", ":")):
            points = [
                (step, fmean(values))
                for step, values in _by(
                    results.of(name).values(),
                    "step",
                    lambda line, of=of: (
                        line.get("marks", {}).get(of, {}).get("mean_balanced_accuracy")
                    ),
                )
            ]
            label = f"{name}, {'with' if of == 'shown' else 'without'} help"
            if points:
                axes.plot(*zip(*points, strict=True), style, color=COLORS[name], label=label)
    axes.set(xlabel="updates", ylabel="balanced accuracy of the marks")
    axes.legend(frameon=False, fontsize="small")


def _curves(axes: Axes, results: Results, x: str, y: str, xlabel: str, ylabel: str) -> None:
    for name in ARMS:
        found = _by(results.of(name).values(), x, lambda line: line.get(y))
        points = [(at, fmean(values), min(values), max(values)) for at, values in found]
        if points:
            at, mean, low, high = zip(*points, strict=True)
            axes.plot(at, mean, ".-", color=COLORS[name], label=name)
            axes.fill_between(at, low, high, color=COLORS[name], alpha=0.12, linewidth=0)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.legend(frameon=False, fontsize="small")


def _by(
    runs: Sequence[RunResult] | Any, x: str, value: Callable[[dict[str, Any]], float | None]
) -> Iterator[tuple[float, list[float]]]:
    """Values of all runs at each place on the x axis."""
    found: dict[float, list[float]] = {}
    for run in runs:
        for line in run.lines:
            y = value(line)
            if y is not None and x in line:
                found.setdefault(line[x], []).append(y)
    yield from sorted(found.items())
