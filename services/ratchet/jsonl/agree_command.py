"""`ratchet agree`: how often a judge prefers what people preferred."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from ratchet.jsonl.compare_command import comparing
from ratchet.jsonl.judging import exit_code, judge_file
from ratchet.jsonl.preference import Preference
from ratchet.jsonl.rows import Row, read_rows
from ratchet.process.config import ConfigError

PROBABILITIES = ("a_preferred", "a_preferred_shown_first", "a_preferred_shown_second")
BY = ("judge", "judge_version", "standard_id", "standard_version")


def command(arguments: argparse.Namespace) -> int:
    """0 with the figures, 1 where the judge failed, 2 where a file is wrong or has few pairs."""
    return exit_code("agree", lambda: _agree(arguments))


def beside(file: Path, judge: str) -> Path:
    """Where the comparisons of a file by a judge are kept, unless it is said.

    Raises:
        ValueError: the judge's name is no part of a file's.
    """
    name = file.name.removesuffix(".gz").removesuffix(".jsonl").removesuffix(".json")
    return file.with_name(".".join(filter(None, (name, judge, "compared.jsonl"))))


def _agree(arguments: argparse.Namespace) -> None:
    if arguments.out is None:
        arguments.out = beside(arguments.file, arguments.judge)
    judged = judge_file(arguments, comparing(arguments))
    lines = list(_comparisons(arguments.out, arguments.field))
    errors = [said["error"] for _, said in lines if "error" in said]
    first = f" ({_sentence(errors[0])})" if errors else ""
    print(
        f"{arguments.out}: {judged.lines} lines, {judged.asked} of them new, "
        f"{len(errors)} without a comparison{first}",
        file=sys.stderr,
    )
    # What the floors need is slow to import.
    from ratchet.jsonl.agreement import Compared, measure
    from ratchet.jsonl.agreement_table import agreement_table, below_table, subsets_table

    compared = [(row, said) for row, said in lines if "error" not in said]
    found = measure(
        [
            Compared(
                Preference.of(row), *(said[name] for name in PROBABILITIES), subset=_subset(row)
            )
            for row, said in compared
        ]
    )
    by = Counter(tuple(said[name] for name in BY) for _, said in compared)
    judges: list[dict[str, Any]] = [
        {**dict(zip(BY, key, strict=True)), "pairs": pairs} for key, pairs in by.items()
    ]
    if arguments.json:
        about = {"file": str(arguments.file), "lines": judged.lines, "errors": len(errors)}
        print(json.dumps({**about, "judges": judges, **asdict(found)}, indent=2))
        return
    console = Console()
    console.print(agreement_table(found, arguments.file.name, judges))
    if found.subsets:
        console.print(subsets_table(found))
    console.print(below_table(found, judges), highlight=False)


def _subset(row: Row) -> str:
    subset = row.fields.get("subset")
    return subset if isinstance(subset, str) else ""


def _sentence(error: dict[str, Any]) -> str:
    parts = (f"line {error['line']}", error["field"], error["message"])
    return ": ".join(filter(None, parts))


def _comparisons(out: Path, field: str) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Every line of the output with what it says: a comparison, or an error."""
    for row in read_rows(out):
        said = row.fields[field]
        if "error" not in said and not said.keys() >= {*PROBABILITIES, *BY}:
            raise ConfigError(f"{out}: line {row.number}: {field}: is no comparison")
        yield row, said
