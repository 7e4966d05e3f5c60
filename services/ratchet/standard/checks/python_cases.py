"""The check of an answer that is to be Python code: it is run, and gives what it should."""

import ast
import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ratchet.standard.checks.base import Check, CheckFailed
from ratchet.standard.checks.text import code_of
from ratchet.standard.sandbox.inside import LONGEST_VALUE
from ratchet.standard.sandbox.sandbox import Limits, Outcome, SandboxUnavailable, run

Seconds = Annotated[float, Field(gt=0, le=30)]
MemoryMb = Annotated[int, Field(ge=64, le=2048)]
_NO_LITERAL = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)


def is_expression(text: str) -> bool:
    """Whether it is a Python expression, and no more."""
    try:
        _check_call(text)
    except ValueError:
        return False
    return True


def _check_call(call: str) -> str:
    try:
        ast.parse(call, mode="eval")
    except _NO_LITERAL as error:
        raise ValueError(f"is no Python expression: {error}") from None
    return call


def _check_literal(text: str) -> str:
    try:
        ast.literal_eval(text)
    except _NO_LITERAL:
        raise ValueError("is no Python literal, such as 3, 'three' or [1, 2, 3]") from None
    return text


class Case(BaseModel):
    """A call of what the answer defines, and what comes of it: either a value or an exception."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    call: Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_check_call)]
    """a Python expression, such as `add(1, 2)`"""
    gives: Annotated[str, Field(max_length=1000), AfterValidator(_check_literal)] | None = None
    """a Python literal; numbers with a fraction need to be near, also within lists and dicts"""
    raises: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$", max_length=100)] | None = None
    """an exception's name"""

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.gives is None) == (self.raises is None):
            raise ValueError("needs either gives or raises")
        return self

    def fault(self, outcome: Outcome) -> str:
        """How the outcome differs from what it should be; empty where it does not."""
        came = f"raises {outcome.raised}" if outcome.raised else f"gives {outcome.value[:200]}"
        if self.raises is not None:
            met = outcome.raised == self.raises
        else:
            met = not outcome.raised and _same(outcome.value, self.gives or "")
        wanted = f"raises {self.raises}" if self.raises else f"gives {self.gives}"
        return "" if met else f"{self.call} {came}; it should be that it {wanted}"


class PythonCases(Check):
    """The code of the answer, its first fenced block or all of it, does what each case says.

    What is wanted never enters the process that runs the code, so an answer cannot pass by ending
    early, or by changing what it is compared with.
    """

    kind: Literal["python_cases"]
    cases: Annotated[tuple[Case, ...], Field(min_length=1, max_length=100)]
    seconds: Seconds = 2.0
    """of processor time for all cases together"""
    memory_mb: MemoryMb = 256

    def fault(self, prompt: str, answer: str) -> str:
        """The first case that is not so."""
        try:
            ran = run(
                code_of(answer),
                [case.call for case in self.cases],
                {},
                Limits(self.seconds, self.memory_mb),
            )
        except SandboxUnavailable as error:
            raise CheckFailed(str(error)) from None
        for case, outcome in zip(self.cases, ran.outcomes, strict=False):
            if fault := case.fault(outcome):
                return fault
        return f"its code {ran.ended}" if ran.ended else ""


def _same(value: str, wanted: str) -> bool:
    if len(value) > LONGEST_VALUE:
        return False
    try:
        return _near(ast.literal_eval(value), ast.literal_eval(wanted))
    except (*_NO_LITERAL, OverflowError):
        return False


def _near(found: Any, expected: Any) -> bool:
    """Equal, but for the last digits of numbers; a set's members and a dict's keys are equal."""
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(found, float) or isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(found, list | tuple) and type(found) is type(expected):
        items = cast("Sequence[object]", found)
        return len(items) == len(expected) and all(map(_near, items, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        wanted = cast("dict[object, object]", expected)
        values = cast("dict[object, object]", found)
        return values.keys() == wanted.keys() and all(
            _near(value, wanted[key]) for key, value in values.items()
        )
    return bool(found == expected)
