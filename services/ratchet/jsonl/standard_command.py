"""`ratchet standard`: standards to start from, and what one says of answers before it is saved."""

import argparse
import sys
from collections import Counter
from collections.abc import Mapping

from ratchet.jsonl.rows import BadRow, Row, read_rows
from ratchet.standard.checks.any_check import StandardCheck, checks_of
from ratchet.standard.checks.base import CheckFailed
from ratchet.standard.standard_file import parse_standard, ready_made, standard_text
from ratchet.v1.standard_pb2 import Standard

Checks = Mapping[str, StandardCheck]
"""criterion id -> its check, of the criteria that have one"""


def command(arguments: argparse.Namespace) -> int:
    """0 where it was done, 1 where a line has an error, 2 where a file is wrong."""
    try:
        if arguments.action == "list":
            return _list()
        if arguments.action == "show":
            sys.stdout.write(standard_text(arguments.standard))
            return 0
        return _try(arguments)
    except (OSError, ValueError) as error:
        print(f"ratchet standard: {error}", file=sys.stderr)
        return 2


def _list() -> int:
    for name in ready_made():
        standard = parse_standard(standard_text(name))
        criteria = f"{len(standard.criteria)} criteria, {len(checks_of(standard))} with a check"
        print(f"{name:<20}{standard.title} ({criteria})")
    return 0


def _try(arguments: argparse.Namespace) -> int:
    text = standard_text(arguments.standard)
    try:
        standard = parse_standard(text)
    except ValueError as error:
        raise ValueError(f"{arguments.standard}: {error}") from None
    checks = checks_of(standard)
    if not checks:
        raise ValueError(f"{arguments.standard}: no criterion has a check, so there is none to try")
    lines, errors, broken = 0, 0, Counter[str]()
    for row in read_rows(arguments.file):
        lines += 1
        try:
            faults = _faults(checks, row)
        except (BadRow, CheckFailed) as error:
            errors += 1
            print(f"line {row.number}: error: {_one_line(str(error))}")
            continue
        broken.update(faults.keys())
        told = "; ".join(f"{name}: {_one_line(fault)}" for name, fault in faults.items())
        print(f"line {row.number}: " + (f"breaks {told}" if told else "meets every check"))
    _print_summary(standard, checks, broken, lines - errors)
    return 1 if errors else 0


def _faults(checks: Checks, row: Row) -> dict[str, str]:
    """Criterion id -> what is wrong, of the checks that the answer breaks."""
    turns, answer = row.prompt_and_completion()
    # As a judge of checks reads it.
    prompt = "\n".join(turn["content"] for turn in turns)
    faults: dict[str, str] = {}
    for name, check in checks.items():
        try:
            fault = check.fault(prompt, answer)
        except CheckFailed as error:
            raise CheckFailed(f"{name}: {error}") from None
        if fault:
            faults[name] = fault
    return faults


def _print_summary(standard: Standard, checks: Checks, broken: Counter[str], tried: int) -> None:
    print(f"\n{'answers that break it':>21}  of {tried}")
    for name in checks:
        print(f"{broken[name]:>21}  {name}")
    unchecked = [c.criterion_id for c in standard.criteria if c.criterion_id not in checks]
    if unchecked:
        print(f"People mark {', '.join(unchecked)}.")


def _one_line(text: str) -> str:
    """Printable on one line of a terminal, whatever an answer said."""
    return "".join(c if c.isprintable() else " " for c in text)
