"""The check of an expression."""

import ast
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import AfterValidator

from ratchet.standard.checks.base import Check, CheckFailed
from ratchet.standard.checks.evaluator import LONGEST_TEXT, Unevaluable, evaluated, parsed

_NAMES = ("answer", "prompt")


@lru_cache(maxsize=256)
def _parsed(expression: str) -> ast.expr:
    return parsed(expression, _NAMES)


def _check(expression: str) -> str:
    _parsed(expression)
    return expression


class Expression(Check):
    """An expression over `prompt` and `answer` is True."""

    kind: Literal["expression"]
    expression: Annotated[str, AfterValidator(_check)]
    """such as `len(words(answer)) < 2 * len(words(prompt))`"""

    def fault(self, prompt: str, answer: str) -> str:
        """That it is False."""
        if max(len(prompt), len(answer)) > LONGEST_TEXT:
            raise CheckFailed(f"a text is longer than {LONGEST_TEXT} characters")
        try:
            value = evaluated(_parsed(self.expression), {"answer": answer, "prompt": prompt})
        except Unevaluable as error:
            raise CheckFailed(f"{self.expression}: {error}") from None
        if not isinstance(value, bool):
            raise CheckFailed(f"{self.expression}: is neither True nor False")
        return "" if value else f"{self.expression} is not so"
