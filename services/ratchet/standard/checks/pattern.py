"""Patterns that people write, by RE2: matched in linear time, whatever the pattern and the text."""

from functools import lru_cache
from typing import Any

import re2

LONGEST = 1000
"""characters of a pattern"""

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


def check_pattern(pattern: str) -> str:
    """The pattern. Raises ValueError where RE2 does not take it, and says why."""
    if not pattern:
        raise ValueError("is empty")
    if len(pattern) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    try:
        _compiled(pattern)
    except (re2.error, UnicodeError) as error:
        told = error.args[0] if error.args else error
        told = told.decode(errors="replace") if isinstance(told, bytes) else told
        raise ValueError(f"is no pattern of RE2: {told}") from None
    return pattern


def found(pattern: str, text: str) -> str | None:
    """The first piece of a text that a checked pattern matches; None where there is none."""
    # RE2 reads UTF-8, which half a surrogate pair does not have.
    match = _compiled(pattern).search(text.encode(errors="replace").decode())
    return None if match is None else match.group()


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern, _OPTIONS)
