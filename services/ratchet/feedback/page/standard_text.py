"""A standard in lines that people read, and what one version changed of another."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ratchet.feedback.page.check_draft import CheckDraft
from ratchet.feedback.page.check_kinds import CHECK_KINDS
from ratchet.v1.check_pb2 import Check
from ratchet.v1.standard_pb2 import Standard

WEIGHTS = {4.0: "matters most", 2.0: "matters", 1.0: "nice to have"}


@dataclass(frozen=True)
class ChangedLine:
    """A line that was taken out or put in, or one beside it."""

    sign: Literal["out", "in", "same", "gap"]
    text: str = ""


def weight_text(weight: float) -> str:
    """A weight as the page says it."""
    number = f"{weight:g}"
    return f"{WEIGHTS[weight]} ({number})" if weight in WEIGHTS else f"weight {number}"


def check_lines(check: Check) -> Iterator[str]:
    """A check: what it asks, then its fields."""
    draft = CheckDraft.of(check)
    kind = CHECK_KINDS[draft.kind]
    yield kind.title
    for field in kind.fields:
        typed = draft.typed.get(f"{draft.kind}.{field.name}")
        if typed is None:
            continue
        if field.form == "tick":
            yield field.label
        elif field.form == "lines":
            yield f"{field.label}: {', '.join(typed.splitlines())}"
        else:
            first, *rest = typed.strip().splitlines() or [""]
            yield f"{field.label}: {first}"
            yield from rest


def standard_lines(standard: Standard) -> list[str]:
    """All that an owner has set."""
    lines = [f"Title: {standard.title}"]
    for each in standard.criteria:
        lines.append(f"{each.sentence} [{each.criterion_id}, {weight_text(each.weight)}]")
        if each.HasField("check"):
            first, *rest = check_lines(each.check)
            lines += [f"    Checked: {first}", *(f"        {line}" for line in rest)]
    return lines


def changes(before: Standard, after: Standard) -> Sequence[ChangedLine]:
    """What the one after has otherwise; empty where they say the same."""
    found = difflib.unified_diff(standard_lines(before), standard_lines(after), lineterm="", n=1)
    signs: dict[str, Literal["out", "in", "same", "gap"]] = {"-": "out", "+": "in", " ": "same"}
    return [
        ChangedLine("gap") if line.startswith("@") else ChangedLine(signs[line[0]], line[1:])
        for line in list(found)[3:]  # Behind the headers and the first place.
    ]
