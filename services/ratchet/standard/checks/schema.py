"""JSON Schema in bounded time: what the library does, with RE2 and a budget."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry

from ratchet.standard.checks.base import CheckFailed
from ratchet.standard.checks.pattern import check_pattern, found

LONGEST = 20_000
"""characters of a schema"""

_BUDGET = 10_000_000
"""a second or two, whatever schema and answer are"""
_KEYWORD_COST, _REFERENCE_COST = 50, 500
_left: ContextVar[int] = ContextVar("left")
_NOTHING_FETCHED: Registry[Any] = Registry()

# The library matches names by `re` for these, or leaves the budget aside, or fetches a schema.
_REFUSED = (
    "patternProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$id",
)
_VALUES = ("const", "default", "dependentRequired", "enum", "examples")
"""keywords whose content is no schema"""
_NAMED = ("$defs", "definitions", "dependentSchemas", "properties")
"""keywords whose content is a schema for each name, which may be that of a keyword"""


class Schema:
    """A schema that answers are held against."""

    def __init__(self, text: str) -> None:
        """Raises ValueError where the text is no schema, or one that could not be bounded."""
        if len(text) > LONGEST:
            raise ValueError(f"longer than {LONGEST} characters")
        try:
            schema: object = json.loads(text)
            if not isinstance(schema, dict):
                raise ValueError("a schema is a JSON object")
            _check_keywords(schema)
            # No formats: the library holds patterns to be those of `re`.
            Draft202012Validator.check_schema(cast("dict[str, Any]", schema), FormatChecker(()))
        except json.JSONDecodeError as error:
            raise ValueError(f"is not JSON: {error}") from None
        except SchemaError as error:
            raise ValueError(
                f"is no JSON Schema: {error.json_path}: {error.message[:200]}"
            ) from None
        except RecursionError:
            raise ValueError("is too deep") from None
        self._validator = _Bounded(schema, registry=_NOTHING_FETCHED)

    def fault(self, value: object) -> str:
        """Where a JSON value departs from the schema first; empty where it does not.

        Raises:
            CheckFailed: the schema refers to what is not there, or to itself without end.
        """
        token = _left.set(_BUDGET)
        try:
            error = next(self._validator.iter_errors(value), None)
        except CheckFailed:
            raise
        except Exception as error:
            # Whatever a schema makes the library raise, it is not the answer's fault.
            raise CheckFailed(f"the schema cannot be applied: {error}"[:300]) from None
        finally:
            _left.reset(token)
        return f"{error.json_path}: {error.message[:200]}" if error else ""


def _check_keywords(schema: object) -> None:
    if isinstance(schema, list):
        for each in cast("list[object]", schema):
            _check_keywords(each)
    if not isinstance(schema, dict):
        return
    for keyword, content in cast("dict[str, object]", schema).items():
        if keyword in _REFUSED:
            raise ValueError(f"{keyword} is not supported")
        if keyword == "$schema" and "2020-12" not in str(content):
            raise ValueError("$schema: only draft 2020-12 is known")
        if keyword == "$ref" and isinstance(content, str) and not content.startswith("#"):
            raise ValueError(f"$ref: {content[:80]} is not in this schema; begin it with #")
        if keyword == "pattern" and isinstance(content, str):
            check_pattern(content)
        if keyword in _NAMED and isinstance(content, dict):
            _check_keywords(list(cast("dict[str, object]", content).values()))
        elif keyword not in _VALUES:
            _check_keywords(content)


def _pattern(validator: Any, pattern: str, instance: object, schema: Any) -> Iterator[Any]:
    if isinstance(instance, str) and found(pattern, instance) is None:
        yield ValidationError(f"has nothing that {pattern} matches")


def _additional(validator: Any, content: Any, instance: object, schema: Any) -> Iterator[Any]:
    # The library matches the names of its neighbour by `re`.
    if "patternProperties" in schema:
        raise CheckFailed("the schema refers to one with patternProperties")
    yield from _KEYWORDS["additionalProperties"](validator, content, instance, schema) or ()


def _refused(validator: Any, content: Any, instance: object, schema: Any) -> Iterator[Any]:
    # A reference may lead to what was read as a value.
    raise CheckFailed("the schema refers to one with a keyword that is not supported")


def _unique(validator: Any, wanted: bool, instance: object, schema: Any) -> Iterator[Any]:
    # The library compares each item with each.
    if wanted and isinstance(instance, list):
        items = [_canonical(item) for item in cast("list[object]", instance)]
        if len(set(items)) < len(items):
            yield ValidationError("has an item twice")


def _canonical(value: object) -> object:
    """Equal and hashable where the JSON values are equal; true is not 1, and 1 is 1.0."""
    if isinstance(value, bool):
        return bool, value
    if isinstance(value, list):
        return tuple(_canonical(each) for each in cast("list[object]", value))
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return frozenset((name, _canonical(each)) for name, each in members.items())
    return value


def _counted(keyword: Callable[..., Any], cost: int) -> Callable[..., Any]:
    def check(validator: Any, content: Any, instance: Any, schema: Any) -> Iterator[Any]:
        size = len(instance) if isinstance(instance, str | list | dict) else 0
        left = _left.get() - cost - size
        _left.set(left)
        if left < 0:
            raise CheckFailed("the schema takes too many steps for this answer")
        yield from keyword(validator, content, instance, schema) or ()

    return check


def _evolved(validator: Any, schema: Any, _resolver: Any = None) -> Any:
    # The library goes back to its own keywords where a schema within names its draft.
    resolver = _resolver or validator._resolver
    return _Bounded(schema, registry=_NOTHING_FETCHED, _resolver=resolver)


_KEYWORDS: Mapping[str, Callable[..., Any]] = Draft202012Validator.VALIDATORS
_OWN = {
    "additionalProperties": _additional,
    "pattern": _pattern,
    "uniqueItems": _unique,
    **{name: _refused for name in _REFUSED if name in _KEYWORDS},
}
_Bounded: Any = extend(
    Draft202012Validator,
    {
        name: _counted(keyword, _REFERENCE_COST if name == "$ref" else _KEYWORD_COST)
        for name, keyword in {**_KEYWORDS, **_OWN}.items()
    },
)
_Bounded.evolve = _evolved
