"""What labels look like with help and without, for the status page."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ratchet.feedback.history import LabelNote

FEWEST_REPEATS = 10
"""Answers read twice before their agreement is told."""


@dataclass(frozen=True)
class HelpRow:
    """Labels of one kind."""

    name: str
    labels: int
    marks_per_answer: float | None
    """Rules that were marked as broken; None: no answer was marked."""
    same_marks: float | None
    """Of answers that two people read, the share of their marks that both made; None: too few."""


def help_rows(labels: Sequence[LabelNote]) -> Sequence[HelpRow]:
    """With help and without, since the first label with help; empty before it."""
    start = next((place for place, note in enumerate(labels) if note.assisted), None)
    if start is None:
        return []
    since = labels[start:]
    return [
        _row("With help", [note for note in since if note.assisted]),
        _row("Without", [note for note in since if not note.assisted]),
    ]


def _row(name: str, notes: Sequence[LabelNote]) -> HelpRow:
    marks = [len(found) for note in notes for found in note.marks]
    per_answer = sum(marks) / len(marks) if marks else None
    return HelpRow(name, len(notes), per_answer, _same_marks(notes))


def _same_marks(notes: Sequence[LabelNote]) -> float | None:
    """Twice the marks that both made, over all marks of both; None: too few were read twice."""
    by_pair: defaultdict[str, list[LabelNote]] = defaultdict(list)
    for note in notes:
        by_pair[note.pair_id].append(note)
    twice: list[tuple[Collection[str], Collection[str]]] = [
        answers
        for first, *others in by_pair.values()
        for other in others
        for answers in zip(first.marks, other.marks, strict=False)
    ]
    total = sum(len(one) + len(two) for one, two in twice)
    if len(twice) < FEWEST_REPEATS or not total:
        return None
    return sum(2 * len(set(one) & set(two)) for one, two in twice) / total
