"""The picture of docs/picking.md."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

COLORS = {
    "random": "#666666",
    "disagreement": "#1f5fa8",
    "tail": "#a33b3b",
    "mix": "#2f7d4f",
    "as shipped": "#b8860b",
}


def draw(choices: Mapping[str, Any], path: Path) -> None:
    """Writes a PNG: agreement over labels, a panel for each choice."""
    figure, panels = plt.subplots(1, len(choices), figsize=(11, 4), sharey=True, squeeze=False)
    for axes, (choice, found) in zip(panels[0], choices.items(), strict=True):
        axes.spines[["top", "right"]].set_visible(False)
        for way, points in found["agreement"].items():
            values = [point["value"] for point in points]
            axes.plot(found["labels"], values, "o-", color=COLORS[way], label=way)
        axes.set(title=f"A round picks from: {choice}", xlabel="labels")
    panels[0][0].set_ylabel("agreement with gold, other prompts")
    panels[0][0].legend(frameon=False, fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    plt.close(figure)
