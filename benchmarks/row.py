"""One line of a benchmark's result, in the form that all of them share."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from ratchet.demo.report.machine import commit, machine


@dataclass(frozen=True)
class Row:
    """What was measured, beside a peer's figure; a ratio above 1 is better for us."""

    name: str
    value: float
    unit: str
    peer: str
    peer_value: float
    ratio: float
    runs: int
    low: float
    """Lowest ratio of one run."""
    high: float
    commit: str = field(default_factory=commit)

    def __str__(self) -> str:
        """A line for the terminal."""
        spread = f"{self.low:.2f} to {self.high:.2f} in {self.runs} runs"
        values = f"{self.value:,.1f} {self.unit}, {self.peer} {self.peer_value:,.1f}"
        return f"{self.name}: {self.ratio:.2f} ({spread}); {values}"


def rates(
    name: str,
    peer: str,
    unit: str,
    work: Sequence[float],
    ours: Sequence[float],
    theirs: Sequence[float],
) -> Row:
    """The row of runs that alternated: seconds of each over the same `work`.

    The rates are over all runs; the ratio is the median of the runs' own.
    """
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    return Row(
        name,
        sum(work) / sum(ours),
        unit,
        peer,
        sum(work) / sum(theirs),
        median(ratios),
        len(ratios),
        min(ratios),
        max(ratios),
    )


def write(rows: Sequence[Row], path: Path, **notes: object) -> None:
    """All rows with the machine; rows of other names that the file holds already stay."""
    found = {row["name"]: row for row in _rows(path)} | {row.name: asdict(row) for row in rows}
    result = {"machine": machine(), **notes, "rows": list(found.values())}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _rows(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
