"""Marks as the choices of an annotation tool: the ids of the criteria that an answer breaks."""

from typing import cast

from ratchet.jsonl.rows import BadRow
from ratchet.v1.preference_pb2 import Marks

NOTHING = "nothing broken"
"""Chosen where an answer was marked and breaks nothing: the tools keep no empty choice. No
criterion's id has a space."""


def mark_values(marks: Marks) -> list[str]:
    """What is chosen."""
    return list(marks.broken_criterion_ids) or [NOTHING]


def marks(values: object, field: str) -> Marks:
    """The marks that choices are.

    Raises:
        BadRow: they are no list of texts.
    """
    if not isinstance(values, list):
        raise BadRow(field, "is no list of criteria")
    chosen = cast("list[object]", values)
    if not all(isinstance(value, str) for value in chosen):
        raise BadRow(field, "is no list of criteria")
    return Marks(broken_criterion_ids=[str(value) for value in chosen if value != NOTHING])
