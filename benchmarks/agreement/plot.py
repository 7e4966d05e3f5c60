"""The learning curves as a picture."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot

from benchmarks.agreement.result import Result


def plot(results: Sequence[Result], path: Path) -> None:
    """One panel a result that has a curve: share of the test pairs over pairs learned from."""
    shown = [result for result in results if result.curve]
    if not shown:
        return
    figure, panels = pyplot.subplots(
        1, len(shown), figsize=(4.5 * len(shown), 3.4), squeeze=False, layout="constrained"
    )
    for panel, result in zip(panels[0], shown, strict=True):
        for name in dict.fromkeys(point.caller for point in result.curve):
            points = [point for point in result.curve if point.caller == name]
            sizes = [point.pairs for point in points]
            [line] = panel.plot(sizes, [point.share.value for point in points], "o-", label=name)
            panel.fill_between(
                sizes,
                [point.share.low for point in points],
                [point.share.high for point in points],
                color=line.get_color(),
                alpha=0.12,
                linewidth=0,
            )
        best = max(
            (line for line in result.lines if line.caller in ("longer", "shorter")),
            key=lambda line: line.test.value,
        )
        panel.axhline(best.test.value, color="grey", linestyle=":", label=best.caller)
        panel.set(xscale="log", title=result.name, xlabel="pairs learned from")
        panel.set_xticks(sizes, [f"{size:,}" for size in sizes])
        panel.minorticks_off()
    panels[0][0].set_ylabel("share of test pairs called right")
    panels[0][0].legend(fontsize="small")
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
