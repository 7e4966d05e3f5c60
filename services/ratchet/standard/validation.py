"""Is a standard one that people can mark by and a judge can learn?"""

import math
import re
from collections.abc import Iterator
from typing import Self

from pydantic import ValidationError

from ratchet.standard.checks.any_check import check_of
from ratchet.v1.check_pb2 import Check
from ratchet.v1.standard_pb2 import Criterion, Standard

MAX_CRITERIA = 64
MAX_ID_LENGTH = 64
MAX_TITLE_LENGTH = 200
MAX_SENTENCE_LENGTH = 500

_STANDARD_ID = re.compile(r"[a-z][a-z0-9_-]*")
_CRITERION_ID = re.compile(r"[a-z][a-z0-9_]*")


class StandardError(ValueError):
    """One field of a standard is wrong."""

    def __init__(self, field: str, description: str) -> None:
        super().__init__(f"{field}: {description}")
        self.field = field
        self.description = description

    @classmethod
    def of(cls, error: ValidationError, within: str = "") -> Self:
        """The first fault that pydantic found in a field, empty for the standard as a whole."""
        return cls.all_of(error, within)[0]

    @classmethod
    def all_of(cls, error: ValidationError, within: str = "") -> list[Self]:
        """Every fault that pydantic found in a field, empty for the standard as a whole."""
        faults: list[Self] = []
        for each in error.errors(include_input=False, include_url=False, include_context=False):
            place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in each["loc"])
            words = each["msg"].removeprefix("Value error, ")
            faults.append(cls((within + place).removeprefix("."), words))
        return faults


def validate_standard(standard: Standard) -> None:
    """Raises StandardError for the first field at fault: `criteria[2].check.regex.pattern`."""
    for fault in standard_faults(standard):
        raise fault


def standard_faults(standard: Standard) -> Iterator[StandardError]:
    """Every field at fault, in the standard's order."""
    yield from _id_faults("standard_id", standard.standard_id, _STANDARD_ID)
    if len(standard.title) > MAX_TITLE_LENGTH:
        yield StandardError("title", f"longer than {MAX_TITLE_LENGTH} characters")
    if not standard.criteria:
        yield StandardError("criteria", "a standard needs at least one criterion")
    if len(standard.criteria) > MAX_CRITERIA:
        yield StandardError("criteria", f"more than {MAX_CRITERIA} criteria")
        return
    seen: set[str] = set()
    for index, criterion in enumerate(standard.criteria):
        yield from _criterion_faults(f"criteria[{index}]", criterion)
        if criterion.criterion_id in seen:
            yield StandardError(
                f"criteria[{index}].criterion_id", f"{criterion.criterion_id!r} is used twice"
            )
        seen.add(criterion.criterion_id)


def _criterion_faults(field: str, criterion: Criterion) -> Iterator[StandardError]:
    yield from _id_faults(f"{field}.criterion_id", criterion.criterion_id, _CRITERION_ID)
    if not criterion.sentence.strip():
        yield StandardError(f"{field}.sentence", "is empty")
    if len(criterion.sentence) > MAX_SENTENCE_LENGTH:
        yield StandardError(f"{field}.sentence", f"longer than {MAX_SENTENCE_LENGTH} characters")
    if not (math.isfinite(criterion.weight) and criterion.weight > 0):
        yield StandardError(f"{field}.weight", f"must be above 0, is {criterion.weight:g}")
    if criterion.HasField("check"):
        yield from _check_faults(f"{field}.check", criterion.check)


def _check_faults(field: str, check: Check) -> Iterator[StandardError]:
    if check.WhichOneof("kind") is None:
        yield StandardError(field, "names no kind of check")
        return
    try:
        check_of(check)
    except ValidationError as error:
        yield from StandardError.all_of(error, field)


def _id_faults(field: str, value: str, pattern: re.Pattern[str]) -> Iterator[StandardError]:
    if len(value) > MAX_ID_LENGTH:
        yield StandardError(field, f"longer than {MAX_ID_LENGTH} characters")
    elif not pattern.fullmatch(value):
        yield StandardError(field, f"{value!r} does not match {pattern.pattern}")
