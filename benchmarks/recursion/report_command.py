"""`python -m benchmarks.recursion report`: docs/results/recursion.json, pictures and the page."""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.page import ROOT
from benchmarks.recursion.arm import ARMS
from benchmarks.recursion.results import Results, RunResult, read_results

RESULTS = re.compile(
    r"(<!-- results of recursion.json -->\n).*?(<!-- end of results -->)", re.DOTALL
)
FIGURES = {
    "gold": "gold",
    "proxy": "judge's score",
    "agreement": "agreement with gold",
    "kl": "KL, nats per token",
    "distinct_answers": "distinct answers",
    "answer_tokens": "tokens",
}
"""Figures of a line, and their columns."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where runs are, and where the page is."""
    parser.add_argument("--out", type=Path, default=Path("bench-results/recursion"), metavar="DIR")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", metavar="DIR")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from benchmarks.recursion.plots import draw
    from benchmarks.recursion.report import per_criterion, rows

    try:
        results = read_results(arguments.out)
    except ValueError as error:
        parser.error(str(error))
    folder: Path = arguments.docs / "results"
    folder.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {
        "machines": results.machines,
        "plan": results.plan.model_dump(),
        "unfinished": results.unfinished,
        "rows": rows(results),
        "arms": {name: _ends(list(runs.values())) for name in ARMS if (runs := results.of(name))},
        "labels": per_criterion(results),
    }
    text = json.dumps(result, indent=1) + "\n"
    (folder / "recursion.json").write_text(text, encoding="utf-8")
    pictures = draw(results, folder)
    page: Path = arguments.docs / "recursion.md"
    written = with_results(page.read_text(encoding="utf-8"), result, pictures, results)
    page.write_text(written, encoding="utf-8")
    for row in result["rows"]:
        print(_told(row))
    if results.unfinished:
        print(_not_over(results.unfinished))
    return 0


def with_results(
    page: str, result: dict[str, Any], pictures: Sequence[Path], results: Results
) -> str:
    """The page with everything between its marks written anew."""
    changed = [
        f"`{name}` {value}"
        for name, value in result["plan"].items()
        if value != type(results.plan).model_fields[name].default
    ]
    lines = [
        f"Plan: {', '.join(changed) if changed else 'every figure as it stands above'}. "
        f"Machines: {'; '.join(_machine(found) for found in result['machines'])}.",
        *(["", _not_over(results.unfinished)] if results.unfinished else []),
        "",
        "| row | value | 95% interval | runs |",
        "|---|---|---|---|",
        *(_table_row(row) for row in result["rows"]),
        "",
        f"| arm | runs | {' | '.join(FIGURES.values())} |",
        f"|---|---|{'---|' * len(FIGURES)}",
        *(_arm_row(name, ends) for name, ends in result["arms"].items()),
        "",
    ]
    if result["labels"]:
        lines += [
            "| balanced accuracy of the marks | without help | with help |",
            "|---|---|---|",
            *(
                f"| {name} | {of['alone']:.3f} | {of['shown']:.3f} |"
                for name, of in result["labels"].items()
            ),
            "",
        ]
    lines += [f"![{path.stem}](results/{path.name})" for path in pictures]
    return RESULTS.sub(lambda found: found[1] + "\n".join(lines) + "\n" + found[2], page)


def _ends(runs: Sequence[RunResult]) -> dict[str, Any]:
    """Mean of an arm's runs at their end."""
    known = {
        name: [value for run in runs if (value := run.end(name)) is not None] for name in FIGURES
    }
    means = {name: fmean(values) if values else None for name, values in known.items()}
    return {"runs": len(runs)} | means


def _table_row(row: dict[str, Any]) -> str:
    interval = "" if row["low"] is None else f"{row['low']:.3f} to {row['high']:.3f}"
    return f"| {row['name']} | {row['value']:.3f} {row['unit']} | {interval} | {row['runs']} |"


def _arm_row(name: str, ends: dict[str, Any]) -> str:
    figures = ("" if ends[figure] is None else f"{ends[figure]:.2f}" for figure in FIGURES)
    return f"| {name} | {ends['runs']} | {' | '.join(figures)} |"


def _machine(found: dict[str, Any]) -> str:
    machine = found["machine"]
    parts = [*machine["gpus"], machine["processor"], f"{machine['cores']} cores"]
    return ", ".join([*parts, f"torch {machine['torch']}, commit {found['commit'][:7]}"])


def _not_over(names: Sequence[str]) -> str:
    return f"Not over, and so left out: {', '.join(names)}."


def _told(row: dict[str, Any]) -> str:
    interval = "" if row["low"] is None else f" ({row['low']:.3f} to {row['high']:.3f})"
    return f"{row['name']}: {row['value']:.3f}{interval}, {row['runs']} runs"
