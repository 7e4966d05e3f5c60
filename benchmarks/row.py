"""One line of a benchmark's result, in the form that all of them share."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

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
    """All rows, with the machine and the commit that they were measured at."""
    result = {
        "machine": machine(),
        "commit": commit(),
        **notes,
        "rows": [asdict(row) for row in rows],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
