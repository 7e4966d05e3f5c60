"""A judge's agreement for the eye."""

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from ratchet.jsonl.agreement import Agreement, Estimate

FLOORS = {"longer": "the longer answer", "shorter": "the shorter answer", "tfidf": "TF-IDF"}


def agreement_table(found: Agreement, file: str, judges: Sequence[dict[str, Any]]) -> Table:
    """The judge, the floors, and the difference to the best of them, in per cent."""
    table = Table(title=f"Share of the pairs of {escape(file)} called right", box=box.SIMPLE_HEAD)
    table.add_column("by")
    table.add_column("share", justify="right")
    table.add_column("95% interval", justify="right")
    table.add_row(_judge(judges), *_cells(found.judge, ""))
    for name, share in found.floors.items():
        table.add_row(f"floor: {FLOORS[name]}", *_cells(share, ""))
    best = FLOORS[found.best_floor]
    table.add_row(f"judge less {best}", *_cells(found.above_best_floor, "+"))
    matched = found.length_matched
    share = _cells(matched.judge, "") if matched.judge else ("", "too few")
    table.add_row(f"judge, on {matched.pairs} pairs of like length", *share)
    return table


def subsets_table(found: Agreement) -> Table:
    """The judge's share on each subset, in per cent."""
    table = Table(title="The judge's share by subset", box=box.SIMPLE_HEAD)
    table.add_column("subset")
    for name in ("pairs", "share", "95% interval"):
        table.add_column(name, justify="right")
    for name, subset in found.subsets.items():
        share = _cells(subset.judge, "") if subset.judge else ("", "too few")
        table.add_row(escape(name), str(subset.pairs), *share)
    return table


def below_table(found: Agreement, judges: Sequence[dict[str, Any]]) -> str:
    """What the shares are of, and the figures that have no interval."""
    text = (
        f"{found.pairs} pairs of {found.prompts} prompts, {found.ties} of them ties. "
        f"Position flips: {found.position_flips:.1%}. "
        f"Brier score: {found.brier:.3f} (a coin has 0.250)."
    )
    if "tfidf" not in found.floors:
        text += "\nNo TF-IDF: the answers have too few words in common."
    if len(judges) > 1:
        text += "\nSeveral versions of the judge or its standard compared: not one judge's figures."
    return text


def _judge(judges: Sequence[dict[str, Any]]) -> str:
    versions = sorted({each["judge_version"] for each in judges} - {0})
    numbers = f" {', '.join(map(str, versions))}" if versions else ""
    return f"judge {judges[0]['judge']}{numbers}"


def _cells(share: Estimate, sign: str) -> tuple[str, str]:
    value, low, high = (f"{100 * x:{sign}.1f}" for x in (share.value, share.low, share.high))
    return value, f"{low} to {high}"
