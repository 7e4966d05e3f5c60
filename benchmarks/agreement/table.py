"""`python -m benchmarks.agreement.table`: the tables of docs/agreement.md, from its result."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.agreement.result import Result
from ratchet.jsonl.agreement import Estimate

DOCS = Path(__file__).parents[2] / "docs"
TABLES = re.compile(r"(<!-- tables of agreement.json -->\n).*?(<!-- end of tables -->)", re.DOTALL)


def table(found: Result) -> str:
    """A result as a table in Markdown, with the curve's points below."""
    floors = list(found.lines[-1].above)
    head = ["by", "folds of the training prompts", "test", *(f"less {name}" for name in floors)]
    rows = [
        [line.caller, f"{line.validation:.3f}", _share(line.test), *_above(line.above, floors)]
        for line in found.lines
    ]
    chosen = ", ".join(f"{name} {value:g}" for name, value in found.chosen.items())
    text = [
        f"**{found.name}**: {found.train_pairs:,} pairs of {found.train_prompts:,} prompts to "
        f"train, {found.test_pairs:,} of {found.test_prompts:,} to test. "
        f"Penalties chosen: {chosen or 'none'}.",
        "",
        *_rows(head, rows),
    ]
    if found.folded:
        head = ["by", "all prompts, in five folds", *head[3:]]
        rows = [
            [line.caller, _share(line.share), *_above(line.above, floors)] for line in found.folded
        ]
        text += ["", *_rows(head, rows)]
    if found.curve:
        sizes = sorted({point.pairs for point in found.curve})
        shares = {(point.caller, point.pairs): point.share for point in found.curve}
        callers = dict.fromkeys(point.caller for point in found.curve)
        text += ["", f"| pairs learned from | {' | '.join(f'{size:,}' for size in sizes)} |"]
        text += ["|---" * (len(sizes) + 1) + "|"]
        text += [
            f"| {name} | {' | '.join(_share(shares[name, size]) for size in sizes)} |"
            for name in callers
        ]
    return "\n".join(text) + "\n"


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _above(above: Mapping[str, Estimate], floors: Sequence[str]) -> list[str]:
    return [_share(above[name], "+") if name in above else "" for name in floors]


def tables(result: Mapping[str, Any]) -> str:
    """All results of a file, below where they were measured."""
    machine = result["machine"]
    where = ", ".join([*machine["gpus"], machine["processor"]])
    lines = [f"{result['model']}; {where}; commit {result['commit'][:7]}.\n"]
    return "\n".join([*lines, *(table(_result(each)) for each in result["results"])])


def _result(fields: Mapping[str, Any]) -> Result:
    from pydantic import TypeAdapter

    return TypeAdapter(Result).validate_python(fields)


def _share(share: Estimate, sign: str = "") -> str:
    return f"{share.value:{sign}.3f} ({share.low:{sign}.3f} to {share.high:{sign}.3f})"


def main() -> None:
    """Rewrites the page in place."""
    page = DOCS / "agreement.md"
    result = json.loads((DOCS / "results" / "agreement.json").read_text(encoding="utf-8"))
    text = TABLES.sub(
        lambda found: found[1] + tables(result) + found[2], page.read_text(encoding="utf-8")
    )
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
