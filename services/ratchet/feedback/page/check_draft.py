"""A check as somebody types it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from ratchet.feedback.page.check_kinds import CHECK_KINDS, CheckField
from ratchet.standard.checks.any_check import StandardCheck, check_of, parse_check
from ratchet.standard.checks.python_cases import Case
from ratchet.standard.validation import StandardError
from ratchet.v1 import check_pb2

_CASE = re.compile(r"(?P<call>.*\S)\s+(?:=>\s*(?P<gives>.*)|raises\s+(?P<raises>\w+))", re.DOTALL)
_OF_A_FIELD = re.compile(r"(\w+\.\w+)\[(\d+)\].*")


@dataclass
class CheckDraft:
    """What is typed, right or wrong. `kind` is empty where people mark the rule."""

    kind: str = ""
    typed: dict[str, str] = field(default_factory=dict[str, str])
    """by `length.max_words`, also of kinds that are not chosen now; a tick is "on\""""

    @classmethod
    def of(cls, message: check_pb2.Check) -> "CheckDraft":
        """A check that is stored, to be changed."""
        check = check_of(message)
        values = check.model_dump(by_alias=True, exclude={"kind"}, exclude_unset=True)
        typed = {
            f"{check.kind}.{name}": _text(check, name, value) for name, value in values.items()
        }
        return cls(check.kind, {name: text for name, text in typed.items() if text})

    def check(self) -> StandardCheck:
        """The check.

        Raises:
            CheckFaults: fields are wrong.
        """
        if self.kind not in CHECK_KINDS:
            raise CheckFaults([StandardError("", "choose one of the list")])
        values: dict[str, object] = {"kind": self.kind}
        faults: list[StandardError] = []
        for each in CHECK_KINDS[self.kind].fields:
            try:
                value = _value(each, self.typed.get(f"{self.kind}.{each.name}", ""))
            except ValueError as error:
                faults.append(StandardError(f"{self.kind}.{each.name}", str(error)))
                continue
            if value is not None:
                values[each.name] = value
        if faults:
            raise CheckFaults(faults)
        try:
            return parse_check(values)
        except ValidationError as error:
            raise CheckFaults(list(map(_beside_field, StandardError.all_of(error)))) from None


class CheckFaults(Exception):
    """Fields of a check are wrong, each named as `length.max_words`; empty: the kind."""

    def __init__(self, faults: list[StandardError]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


def _value(asked: CheckField, typed: str) -> object:
    """What the API takes; None for nothing. Raises ValueError, in words for people."""
    if asked.form == "tick":
        return True if typed else None
    if not typed.strip():
        if asked.is_required:
            raise ValueError("is empty")
        return None
    match asked.form:
        case "whole":
            return _number(typed, int, "a whole number")
        case "number":
            return _number(typed, float, "a number")
        case "lines":
            return [line.strip() for line in typed.splitlines() if line.strip()]
        case "cases":
            return [_case(line) for line in typed.splitlines() if line.strip()]
        case "text":
            return typed.strip("\n")
        case "code":
            return typed


def _number(typed: str, number: type[int] | type[float], what: str) -> int | float:
    try:
        return number(typed.strip().replace(",", "."))
    except ValueError:
        raise ValueError(f"is not {what}") from None


def _case(line: str) -> Mapping[str, str]:
    found = _CASE.fullmatch(line.strip())
    if found is None:
        raise ValueError(f"{line.strip()!r:.60} has neither => nor raises")
    return {name: value for name, value in found.groupdict().items() if value is not None}


def _text(check: StandardCheck, name: str, value: object) -> str:
    """As the page shows a value, so that `_value` makes the same of it."""
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if name == "cases":
        return "\n".join(map(_case_text, getattr(check, name)))
    if isinstance(value, tuple):
        return "\n".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    return str(value)


def _case_text(case: Case) -> str:
    return f"{case.call} raises {case.raises}" if case.raises else f"{case.call} => {case.gives}"


def _beside_field(fault: StandardError) -> StandardError:
    """A fault is told at what the page shows: at a list as a whole, at the kind for all fields."""
    if found := _OF_A_FIELD.fullmatch(fault.field):
        return StandardError(found[1], f"Line {int(found[2]) + 1}: {fault.description}")
    return fault if "." in fault.field else StandardError("", fault.description)
