"""The check of a program that the owner of a standard wrote."""

import ast
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ratchet.standard.checks.base import Check, CheckFailed
from ratchet.standard.checks.python_cases import MemoryMb, Seconds
from ratchet.standard.checks.text import code_of
from ratchet.standard.sandbox.inside import LONGEST_VALUE
from ratchet.standard.sandbox.sandbox import Limits, SandboxUnavailable, run

_ERRORS = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)


def _check_code(code: str) -> str:
    try:
        tree = ast.parse(code)
    except _ERRORS as error:
        raise ValueError(f"is no Python: {error}") from None
    if not any(isinstance(node, ast.FunctionDef) and node.name == "check" for node in tree.body):
        raise ValueError("defines no function check(prompt, answer)")
    return code


class Program(Check):
    """A program's `check(prompt, answer)` returns True or, where it is not met, False or why."""

    kind: Literal["program"]
    code: Annotated[str, Field(max_length=20_000), AfterValidator(_check_code)]
    """Python with its standard library alone; its name `code` is the answer's first fenced block,
    or all of it"""
    seconds: Seconds = 2.0
    """of processor time"""
    memory_mb: MemoryMb = 256

    def fault(self, prompt: str, answer: str) -> str:
        """What the program says."""
        texts = {"prompt": prompt, "answer": answer, "code": code_of(answer)}
        limits = Limits(self.seconds, self.memory_mb)
        try:
            ran = run(self.code, ["check(prompt, answer)"], texts, limits)
        except SandboxUnavailable as error:
            raise CheckFailed(str(error)) from None
        if not ran.outcomes:
            raise CheckFailed(f"the program {ran.ended}")
        [outcome] = ran.outcomes
        if outcome.raised:
            raise CheckFailed(f"the program raised {outcome.raised}: {outcome.message}")
        said = _literal(outcome.value)
        if said is True:
            return ""
        if said is False or said == "":
            return "does not meet it"
        if not isinstance(said, str):
            raise CheckFailed(f"the program returned {outcome.value[:80]}, neither bool nor text")
        return said


def _literal(value: str) -> object:
    try:
        return ast.literal_eval(value) if len(value) <= LONGEST_VALUE else None
    except _ERRORS:
        return None
