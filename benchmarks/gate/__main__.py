"""`python -m benchmarks.gate`: how often the gate errs, and how many labels a proof takes."""

import argparse
from dataclasses import asdict
from pathlib import Path

from benchmarks.gate.climb import climbs
from benchmarks.gate.false_alarms import false_alarm_rows
from benchmarks.gate.plot import draw
from benchmarks.gate.power import demotion_row, power, promotion_rows
from benchmarks.row import write


def main() -> None:
    """Simulates, prints each row, and writes rows, power curve and picture."""
    parser = argparse.ArgumentParser(prog="make bench-gate", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="seeds")
    parser.add_argument("--out", type=Path, default=Path("bench-results"), metavar="DIR")
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    points = power(a.runs)
    rows = [*false_alarm_rows(a.runs), *promotion_rows(points), demotion_row(a.runs)]
    for row in rows:
        print(row, flush=True)
    climbed = list(climbs())
    for climb in climbed:
        print(climb, flush=True)
    notes = {"power": [asdict(p) for p in points], "climbs": [asdict(c) for c in climbed]}
    write(rows, a.out / "gate.json", dtype="float64", **notes)
    draw(points, a.out / "gate.png")


if __name__ == "__main__":
    main()
