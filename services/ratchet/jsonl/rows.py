"""Lines of a file of prompts and answers, as TRL's formats have them."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ratchet.client.text import Prompt


class BadRow(ValueError):
    """A line that cannot be scored."""

    def __init__(self, field: str, reason: str) -> None:
        """Takes the field at fault, empty for the line as a whole, and what is wrong with it."""
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field


@dataclass(frozen=True)
class Row:
    """One line: its number from 1, and its fields, or the bad line as it stands."""

    number: int
    fields: dict[str, Any]
    reason: str = ""
    """Why the line holds no fields; empty where it does."""

    def prompt_and_completion(self) -> tuple[Prompt, str]:
        """Texts, or conversations of {"role", "content"}: then the last turn is the answer's.

        Raises:
            BadRow: they are not there.
        """
        if self.reason:
            raise BadRow("", self.reason)
        prompt, completion = self.fields.get("prompt"), self.fields.get("completion")
        if not (isinstance(prompt, str) or _is_conversation(prompt)):
            raise BadRow("prompt", "is neither a text nor a list of turns with role and content")
        if isinstance(completion, str):
            return cast("Prompt", prompt), completion
        if not _is_conversation(completion):
            raise BadRow(
                "completion", "is neither a text nor a list of turns with role and content"
            )
        *earlier, last = cast("list[dict[str, str]]", completion)
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        return [*cast("list[dict[str, str]]", turns), *earlier], last["content"]


def read_rows(path: Path) -> Iterator[Row]:
    """The lines that are not blank; a name that ends in .gz is unpacked. Raises OSError."""
    unpack = gzip.open if path.suffix == ".gz" else open
    with unpack(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _row(number, line.strip())


def _row(number: int, line: bytes) -> Row:
    try:
        fields: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Row(number, {"line": line.decode(errors="replace")}, f"is no JSON: {error}")
    if not isinstance(fields, dict):
        return Row(number, {"line": line.decode()}, "is no JSON object")
    return Row(number, cast("dict[str, Any]", fields))


def _is_conversation(value: object) -> bool:
    if not isinstance(value, list) or not value:
        return False
    turns = cast("list[object]", value)
    return all(isinstance(turn, dict) and _is_turn(cast("dict[str, Any]", turn)) for turn in turns)


def _is_turn(turn: dict[str, Any]) -> bool:
    return isinstance(turn.get("role"), str) and isinstance(turn.get("content"), str)
