"""A standard in lines that people read, and what one version changed of another."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from ratchet.feedback.page.check_draft import CheckDraft
from ratchet.feedback.page.check_kinds import CHECK_KINDS
from ratchet.v1.check_pb2 import Check
from ratchet.v1.standard_pb2 import Standard

MOST_LINES = 1000
"""of both versions together, that are compared line by line"""
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
            lines = typed.split("\n")
            yield f"{field.label}: {', '.join(lines)}"
        else:
            first, *rest = typed.strip().splitlines() or [""]
            yield f"{field.label}: {first}"
            yield from rest


def changes(before: Standard, after: Standard) -> Sequence[ChangedLine]:
    """What the one after has otherwise; empty where they say the same.

    It takes up to a second: not for an event loop.
    """
    old, new = list(_parts(before)), list(_parts(after))
    if sum(map(len, (*old, *new))) > MOST_LINES:
        return list(_changed_parts(old, new))
    found = difflib.unified_diff(list(chain(*old)), list(chain(*new)), lineterm="", n=1)
    signs: dict[str, Literal["out", "in", "same", "gap"]] = {"-": "out", "+": "in", " ": "same"}
    return [
        ChangedLine("gap") if line.startswith("@") else ChangedLine(signs[line[0]], line[1:])
        for line in list(found)[3:]  # Behind the headers and the first place.
    ]


def _parts(standard: Standard) -> Iterator[tuple[str, ...]]:
    """All that an owner has set, in lines: the title, then rule by rule."""
    yield (f"Title: {standard.title}",)
    for each in standard.criteria:
        lines = [f"{each.sentence} [{each.criterion_id}, {weight_text(each.weight)}]"]
        if each.HasField("check"):
            first, *rest = check_lines(each.check)
            lines += [f"    Checked: {first}", *(f"        {line}" for line in rest)]
        yield tuple(lines)


def _changed_parts(
    old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]
) -> Iterator[ChangedLine]:
    """Whole rules: to compare long programs line by line takes the square of their length."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    edits = [edit for edit in matcher.get_opcodes() if edit[0] != "equal"]
    for number, (_, old_first, old_end, new_first, new_end) in enumerate(edits):
        if number:
            yield ChangedLine("gap")
        yield from (ChangedLine("out", line) for line in chain(*old[old_first:old_end]))
        yield from (ChangedLine("in", line) for line in chain(*new[new_first:new_end]))
