"""A check as somebody types it."""

import json
import re
from dataclasses import dataclass, field
from typing import cast

from pydantic import ValidationError

from ratchet.feedback.page.check_kinds import CHECK_KINDS, CheckField
from ratchet.standard.checks.any_check import StandardCheck, check_of, parse_check
from ratchet.standard.checks.python_cases import Case, is_expression
from ratchet.standard.validation import StandardError
from ratchet.v1 import check_pb2

_RAISES = re.compile(r"(?P<call>.*\S)\s+raises\s+(?P<raises>\w+)")
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
    if not (typed if asked.form == "text" else typed.strip()):
        if asked.is_required:
            raise ValueError("is empty")
        return None
    match asked.form:
        case "whole":
            return _number(typed, int, "a whole number")
        case "number":
            return _number(typed, float, "a number")
        case "lines":
            return [_phrase(line.strip()) for line in typed.split("\n") if line.strip()]
        case "cases":
            return [_case(line.strip()) for line in typed.split("\n") if line.strip()]
        case "text" | "code":
            return typed


def _number(typed: str, number: type[int] | type[float], what: str) -> int | float:
    try:
        return number(typed.strip().replace(",", "."))
    except ValueError:
        raise ValueError(f"is not {what}") from None


def _phrase(line: str) -> str:
    found = _json(line) if line.startswith('"') else None
    return found if isinstance(found, str) else line


def _case(line: str) -> object:
    if line.startswith("{") and isinstance(found := _json(line), dict):
        return cast("dict[str, object]", found)
    for arrow in re.finditer("=>", line):
        call = line[: arrow.start()].rstrip()
        if is_expression(call):
            return {"call": call, "gives": line[arrow.end() :].strip()}
    if found := _RAISES.fullmatch(line):
        return found.groupdict()
    call, arrow, gives = line.partition("=>")
    if not arrow:
        raise ValueError(f"{line!r:.60} has neither => nor raises")
    return {"call": call.rstrip(), "gives": gives.strip()}


def _json(line: str) -> object:
    """None where it is no JSON, or holds what cannot be stored: half a surrogate pair."""
    try:
        found = json.loads(line)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found


def _text(check: StandardCheck, name: str, value: object) -> str:
    """As the page shows a value, so that `_value` makes the same of it."""
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if name == "cases":
        return "\n".join(map(_case_text, getattr(check, name)))
    if isinstance(value, tuple):
        return "\n".join(map(_phrase_text, cast("tuple[str, ...]", value)))
    return str(value)


def _phrase_text(phrase: str) -> str:
    """As it is where that is read as the same, else as JSON, in which a line holds everything."""
    if _is_one_line(phrase) and _phrase(phrase.strip()) == phrase:
        return phrase
    return json.dumps(phrase, ensure_ascii=False)


def _case_text(case: Case) -> str:
    """As `_phrase_text`."""
    fields = case.model_dump(exclude_none=True)
    text = f"{case.call} raises {case.raises}" if case.raises else f"{case.call} => {case.gives}"
    if _is_one_line(text) and _case(text.strip()) == fields:
        return text
    return json.dumps(fields, ensure_ascii=False)


def _is_one_line(text: str) -> bool:
    """And without what a page does not keep."""
    return all(character >= " " for character in text)


def _beside_field(fault: StandardError) -> StandardError:
    """A fault is told at what the page shows: at a list as a whole, at the kind for all fields."""
    if found := _OF_A_FIELD.fullmatch(fault.field):
        return StandardError(found[1], f"Line {int(found[2]) + 1}: {fault.description}")
    return fault if "." in fault.field else StandardError("", fault.description)
