"""`make performance`: the tables of the pages in docs/, from docs/results/."""

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGES = tuple(ROOT / "docs" / name for name in ("performance.md", "judge-gpu.md", "autonomy.md"))
TABLE = re.compile(r"(<!-- table of (\S+) -->\n).*?(<!-- end of table -->)", re.DOTALL)


def with_tables(page: str, results: Path) -> str:
    """The page with every table between its marks written anew from the file that it names."""
    return TABLE.sub(
        lambda found: found[1] + table(json.loads((results / found[2]).read_text())) + found[3],
        page,
    )


def table(result: dict[str, Any]) -> str:
    """A result's rows, below where they were measured."""
    machine = result["machine"]
    where = f"{machine['processor']}, {machine['cores']} cores, torch {machine['torch']}"
    where = ", ".join([*machine["gpus"], where])
    lines = [
        f"{where}; {result['dtype']}:",
        "",
        "| row | ratio | lowest to highest (runs) | ours | peer | commit |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['name']} | {row['ratio']:.2f} | {row['low']:.2f} to {row['high']:.2f} "
        f"({row['runs']}) | {row['value']:,.1f} {row['unit']} "
        f"| {row['peer']}: {row['peer_value']:,.1f} | {row['commit'][:7]} |"
        for row in result["rows"]
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Rewrites the pages in place."""
    for path in PAGES:
        page = path.read_text(encoding="utf-8")
        path.write_text(with_tables(page, ROOT / "docs" / "results"), encoding="utf-8")


if __name__ == "__main__":
    main()
