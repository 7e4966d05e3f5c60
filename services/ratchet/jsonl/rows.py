"""Lines of a file: what each holds, or what is wrong with it."""

import gzip
import json
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from ratchet.jsonl.turns import NEITHER, Turn, answer_turns, prompt_turns


class BadRow(ValueError):
    """A line that cannot be judged."""

    def __init__(self, field: str, reason: str) -> None:
        """Takes the field at fault, empty for the line as a whole, and what is wrong with it."""
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field, self.reason = field, reason


@dataclass(frozen=True)
class Row:
    """One line: its number from 1, and its fields, or the bad line as it stands."""

    number: int
    fields: dict[str, Any]
    reason: str = ""
    """Why the line holds no fields; empty where it does."""

    def check(self) -> None:
        """Raises BadRow where the line holds no fields."""
        if self.reason:
            raise BadRow("", self.reason)

    def prompt_and_completion(self) -> tuple[list[Turn], str]:
        """The turns of the prompt, and the answer: the last turn of a completion of several.

        Raises:
            BadRow: they are not there.
        """
        self.check()
        prompt = prompt_turns(self.fields.get("prompt"))
        if prompt is None:
            raise BadRow("prompt", NEITHER)
        completion = answer_turns(self.fields.get("completion"))
        if completion is None:
            raise BadRow("completion", NEITHER)
        *earlier, last = completion
        return [*prompt, *earlier], last["content"]

    def error(self, field: str, message: str) -> dict[str, Any]:
        """What stands in the output where the line could not be judged."""
        return {"error": {"line": self.number, "field": field, "message": message}}


@contextmanager
def unpacked(path: Path) -> Generator[IO[bytes]]:
    """A file to read; one whose name ends in .gz is unpacked.

    Raises:
        OSError: it cannot be read, or ceases to be gzip.
    """
    if path.suffix != ".gz":
        with path.open("rb") as file:
            yield file
        return
    try:
        with gzip.open(path, "rb") as file:
            yield cast("IO[bytes]", file)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise OSError(f"{path}: cannot be unpacked: {error}") from None


def read_rows(path: Path) -> Iterator[Row]:
    """The lines that are not blank. Raises as `unpacked` does."""
    with unpacked(path) as file:
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
