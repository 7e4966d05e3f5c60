"""`make bench-agreement`: the judge beside people's preferences, and beside what costs nothing.

docs/agreement.md says what is read and how it is tested. The first run reads every answer by the
model and keeps what it read (`--cache`): a run that is killed goes on where it was.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.agreement.parts import PARTS, Source
from benchmarks.agreement.plot import plot
from benchmarks.agreement.reader import Reader
from benchmarks.agreement.result import Result
from benchmarks.agreement.table import table
from ratchet.demo.report.machine import commit, machine


def main() -> int:
    """Measures what was asked for, and writes `agreement.json` and the curve's picture."""
    parser = argparse.ArgumentParser(
        prog="make bench-agreement",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    data = os.environ.get("RATCHET_DATA", "../shared/data")
    parser.add_argument("--data", type=Path, default=Path(data), help="RATCHET_DATA")
    parser.add_argument(
        "--model", type=Path, default=os.environ.get("RATCHET_MODEL"), help="RATCHET_MODEL"
    )
    parser.add_argument("--cache", type=Path, default=Path("bench-results", "features"))
    parser.add_argument("--out", type=Path, default=Path("bench-results"), metavar="DIR")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--train-prompts", type=int, metavar="N", help="of each data set; all")
    parser.add_argument("--test-prompts", type=int, metavar="N", help="the same to test")
    parser.add_argument("--commit", help="where the tree is a copy without its history")
    a = parser.parse_args()
    if a.model is None:
        parser.error("--model: name a folder, or set RATCHET_MODEL")
    found: list[Result] = []
    try:
        source = Source(a.data, Reader(a.model, a.cache), a.train_prompts, a.test_prompts)
        for part in a.only:
            found.append(PARTS[part](source))
            print(table(found[-1]), flush=True)
    except (OSError, ValueError) as error:  # BadData, or too few of them to learn from.
        print(f"bench-agreement: {error}", file=sys.stderr)
        return 2
    a.out.mkdir(parents=True, exist_ok=True)
    about = {"machine": machine(), "model": a.model.name, "commit": a.commit or commit()}
    text = json.dumps({**about, "results": [asdict(each) for each in found]}, indent=1)
    (a.out / "agreement.json").write_text(text + "\n", encoding="utf-8")
    plot(found, a.out / "agreement.svg")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
