"""Is a standard one that people can mark by and a judge can learn?"""

import math
import re
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
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in first["loc"])
        return cls((within + place).removeprefix("."), first["msg"].removeprefix("Value error, "))


def validate_standard(standard: Standard) -> None:
    """Raises StandardError for the first field at fault: `criteria[2].check.regex.pattern`."""
    _check_id("standard_id", standard.standard_id, _STANDARD_ID)
    if len(standard.title) > MAX_TITLE_LENGTH:
        raise StandardError("title", f"longer than {MAX_TITLE_LENGTH} characters")
    if not standard.criteria:
        raise StandardError("criteria", "a standard needs at least one criterion")
    if len(standard.criteria) > MAX_CRITERIA:
        raise StandardError("criteria", f"more than {MAX_CRITERIA} criteria")
    seen: set[str] = set()
    for index, criterion in enumerate(standard.criteria):
        _check_criterion(f"criteria[{index}]", criterion)
        if criterion.criterion_id in seen:
            raise StandardError(
                f"criteria[{index}].criterion_id", f"{criterion.criterion_id!r} is used twice"
            )
        seen.add(criterion.criterion_id)


def _check_criterion(field: str, criterion: Criterion) -> None:
    _check_id(f"{field}.criterion_id", criterion.criterion_id, _CRITERION_ID)
    if not criterion.sentence.strip():
        raise StandardError(f"{field}.sentence", "is empty")
    if len(criterion.sentence) > MAX_SENTENCE_LENGTH:
        raise StandardError(f"{field}.sentence", f"longer than {MAX_SENTENCE_LENGTH} characters")
    if not (math.isfinite(criterion.weight) and criterion.weight > 0):
        raise StandardError(f"{field}.weight", f"must be above 0, is {criterion.weight}")
    if criterion.HasField("check"):
        _check_check(f"{field}.check", criterion.check)


def _check_check(field: str, check: Check) -> None:
    if check.WhichOneof("kind") is None:
        raise StandardError(field, "names no kind of check")
    try:
        check_of(check)
    except ValidationError as error:
        raise StandardError.of(error, field) from None


def _check_id(field: str, value: str, pattern: re.Pattern[str]) -> None:
    if len(value) > MAX_ID_LENGTH:
        raise StandardError(field, f"longer than {MAX_ID_LENGTH} characters")
    if not pattern.fullmatch(value):
        raise StandardError(field, f"{value!r} does not match {pattern.pattern}")
