"""The tables of docs/picking.md."""

from typing import Any


def tables(choices: dict[str, Any]) -> str:
    """In Markdown: of each choice how agreement grew, and labels needed against random picks."""
    return "\n\n".join(
        f"A round picks from: {choice} ({found['seeds']} seeds).\n\n{_grown(found)}\n\n"
        f"{_needed(found)}"
        for choice, found in choices.items()
    )


def _grown(found: dict[str, Any]) -> str:
    labels = [str(count) for count in found["labels"]]
    lines = [
        f"| agreement after | {' | '.join(labels)} | less random, mean | at the end |",
        f"|---|{'---|' * (len(labels) + 2)}",
    ]
    for way, points in found["agreement"].items():
        gain = found["against random"].get(way, {}).get("gain")
        gains = [_points(gain["mean of the rounds"]), _points(gain["at the end"])] if gain else []
        values = [f"{point['value']:.3f}" for point in points]
        lines.append(f"| {way} | {' | '.join([*values, *(gains or ['', ''])])} |")
    return "\n".join(lines)


def _needed(found: dict[str, Any]) -> str:
    lines = ["| to agreement | way | labels | at random | times fewer |", "|---|---|---|---|---|"]
    for way, against in found["against random"].items():
        for each in against["labels needed"]:
            fewer = each["times_fewer"]
            labels = f"{each['labels']:.0f}" if each["reached"] else f"not by {each['labels']:.0f}"
            lines.append(
                f"| {each['agreement']:.3f} | {way} | {labels} | {each['labels_at_random']:.0f} "
                f"| {fewer['value']:.2f} ({fewer['low']:.2f} to {fewer['high']:.2f}) |"
            )
    return "\n".join(lines)


def _points(figure: dict[str, float]) -> str:
    value, low, high = (100 * figure[name] for name in ("value", "low", "high"))
    return f"{value:+.1f} points ({low:+.1f} to {high:+.1f})"
