"""What an expression may call: linear in its texts, and TypeError for what it does not take."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from ratchet.standard.checks import text as texts
from ratchet.standard.checks.pattern import found

MOST_PHRASES = 100
"""looked for in a text at a time: more would make it the product of two lengths"""


def is_in(part: Any, whole: Any) -> bool:
    """Python's `in`."""
    return part in whole


def is_not_in(part: Any, whole: Any) -> bool:
    """Python's `not in`."""
    return part not in whole


def _words(text: object) -> list[str]:
    return list(texts.words(_text(text), fold=False))


def _lines(text: object) -> list[str]:
    return _text(text).splitlines()


def _sentences(text: object) -> int:
    return texts.sentences(_text(text))


def _lower(text: object) -> str:
    return _text(text).lower()


def _count(text: object, part: object) -> int:
    return _text(text).count(_text(part))


def _starts_with(text: object, part: object) -> bool:
    return _text(text).startswith(_text(part))


def _ends_with(text: object, part: object) -> bool:
    return _text(text).endswith(_text(part))


def _matches(text: object, pattern: str) -> bool:
    return found(pattern, _text(text)) is not None


def _has_any(text: object, phrases: object) -> bool:
    return any(_has(text, phrases))


def _has_all(text: object, phrases: object) -> bool:
    return all(_has(text, phrases))


def _has(text: object, phrases: object) -> list[bool]:
    if not isinstance(phrases, list) or len(cast("list[object]", phrases)) > MOST_PHRASES:
        raise TypeError(f"has_any and has_all take a text and a list of up to {MOST_PHRASES}")
    return [_text(phrase) in _text(text) for phrase in cast("list[object]", phrases)]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "len": len,
    "words": _words,
    "lines": _lines,
    "sentences": _sentences,
    "lower": _lower,
    "count": _count,
    "starts_with": _starts_with,
    "ends_with": _ends_with,
    "matches": _matches,
    "has_any": _has_any,
    "has_all": _has_all,
    "min": min,
    "max": max,
    "abs": abs,
}
