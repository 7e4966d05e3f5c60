"""Checks of answers that are to be JSON."""

import json
from functools import lru_cache
from typing import Annotated, Literal, NoReturn

from pydantic import AfterValidator, Field

from ratchet.standard.checks.base import Check, CheckFailed
from ratchet.standard.checks.schema import Schema
from ratchet.standard.checks.text import fenced

LONGEST_ANSWER = 200_000
"""characters that are held against a schema"""


class ValidJson(Check):
    """The answer is one JSON value (RFC 8259: no NaN), and nothing else."""

    kind: Literal["valid_json"]

    def fault(self, prompt: str, answer: str) -> str:
        """Where it ceases to be JSON."""
        try:
            json.loads(answer, parse_constant=_refuse, parse_int=str)
        except (ValueError, RecursionError) as error:
            return _no_json(error)
        return ""


def _check_schema(text: str) -> str:
    _schema(text)
    return text


class JsonSchema(Check):
    """The answer is JSON of a schema; where the whole is not JSON, its first fenced block."""

    kind: Literal["json_schema"]
    schema_: Annotated[str, AfterValidator(_check_schema)] = Field(alias="schema")
    """a JSON Schema of draft 2020-12, as JSON; a `pattern` in it is RE2's"""

    def fault(self, prompt: str, answer: str) -> str:
        """Where it departs from the schema first."""
        if len(answer) > LONGEST_ANSWER:
            raise CheckFailed(f"the answer is longer than {LONGEST_ANSWER} characters")
        try:
            value = _loaded(answer)
        except (ValueError, RecursionError) as error:
            block = fenced(answer)
            if block is None:
                return _no_json(error)
            try:
                value = _loaded(block)
            except (ValueError, RecursionError) as inner:
                return f"its first fenced block {_no_json(inner)}"
        return _schema(self.schema_).fault(value)


@lru_cache(maxsize=256)
def _schema(text: str) -> Schema:
    return Schema(text)


def _loaded(text: str) -> object:
    return json.loads(text, parse_constant=_refuse)


def _no_json(error: Exception) -> str:
    reason = "too deep" if isinstance(error, RecursionError) else str(error)
    return f"is not JSON: {reason}"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
