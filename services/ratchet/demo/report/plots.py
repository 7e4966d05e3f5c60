"""The report's pictures."""

from collections.abc import Callable
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ratchet.demo.gold import HIGHEST
from ratchet.demo.report.summary import Summary
from ratchet.demo.shop_standard import SENTENCES

GOLD, JUDGE, BEFORE, AFTER, FLOOR = "#b8860b", "#1f5fa8", "#b0b7c0", "#2f7d4f", "#888888"


def draw(summary: Summary, folder: Path) -> list[Path]:
    """Writes the PNG files, and returns them in the order of the report."""
    pictures: list[tuple[str, Callable[[Axes, Summary], None]]] = [
        ("learning", _learning),
        ("criteria", _criteria),
        ("judge", _judge),
        ("stages", _stages),
    ]
    paths: list[Path] = []
    for name, draw_one in pictures:
        figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
        axes.spines[["top", "right"]].set_visible(False)
        draw_one(axes, summary)
        paths.append(folder / f"{name}.png")
        figure.savefig(paths[-1], dpi=110)
        plt.close(figure)
    return paths


def _learning(axes: Axes, summary: Summary) -> None:
    versions = [point["policy_version"] for point in summary.curve]
    gold = [point["gold"] / HIGHEST for point in summary.curve]
    score = [point["score"] for point in summary.curve]
    axes.plot(versions, gold, "o-", color=GOLD, label="gold (hidden from the loop, no fluency)")
    axes.plot(versions, score, "s--", color=JUDGE, label="judge's score, which is optimised")
    axes.set(
        title="Mean over the training answers of each policy version",
        xlabel="policy version",
        ylabel="share of the standard's weight",
        ylim=(0, 1),
    )
    axes.legend(loc="upper left", frameon=False)


def _criteria(axes: Axes, summary: Summary) -> None:
    names = list(SENTENCES)
    rows = range(len(names))
    axes.barh([r - 0.2 for r in rows], [summary.errors_before[n] for n in names], 0.38,
              color=BEFORE, label="first policy")  # fmt: skip
    axes.barh([r + 0.2 for r in rows], [summary.errors_after[n] for n in names], 0.38,
              color=AFTER, label="last policy")  # fmt: skip
    axes.set_yticks(list(rows), [name.replace("_", " ") for name in names])
    axes.invert_yaxis()
    axes.set(
        title="Answers to never-trained prompts that break a criterion", xlabel="share of answers"
    )
    axes.legend(frameon=False)


def _judge(axes: Axes, summary: Summary) -> None:
    updates = summary.judge_updates
    versions = [update["judge_version"] for update in updates]
    before = [update["before"] for update in updates]
    after = [update["after"] for update in updates]
    for version, low, high in zip(versions, before, after, strict=True):
        axes.annotate(
            "", (version, high), (version, low), arrowprops={"arrowstyle": "->", "color": "#666666"}
        )
    axes.plot(versions, before, "o", color=BEFORE, label="the judge before")
    axes.plot(versions, after, "o", color=JUDGE, label="the judge after its update")
    axes.axhline(summary.agreement_shorter, color=FLOOR, linestyle=":", label="always shorter")
    axes.axhline(summary.agreement_tfidf, color=FLOOR, linestyle="--", label="TF-IDF")
    axes.set(
        title="Agreement with gold on the newest policy's own, fresh pairs",
        xlabel="judge version",
        ylabel="share of pairs",
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize="small")


def _stages(axes: Axes, summary: Summary) -> None:
    shown = [stage for stage in summary.stages if stage["seconds"] >= 1]
    labels = [f"{stage['service']}: {stage['name']}" for stage in shown]
    colors = [FLOOR if stage["name"].startswith("waiting") else JUDGE for stage in shown]
    bars = axes.barh(labels, [stage["seconds"] for stage in shown], color=colors)
    tokens = [f" {stage['tokens']:,} tokens" if stage["tokens"] else "" for stage in shown]
    axes.bar_label(bars, tokens, fontsize="small")
    axes.invert_yaxis()
    axes.margins(x=0.2)
    axes.set(title="Where the time went", xlabel="seconds")
