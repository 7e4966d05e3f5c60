"""A file of preference data: JSON lines, or one JSON array; packed where its name ends in .gz."""

import gzip
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from ratchet.jsonl.rows import Row, read_rows, unpacked
from ratchet.process.config import ConfigError


class LabelFile:
    """Reads and writes rows, which are JSON objects."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self) -> tuple[str, Iterator[Row]]:
        """What a row is called ("line" or "item"), and the rows, numbered from 1.

        A line or an item that is no object is a row with a reason and no fields.

        Raises:
            ConfigError: the file begins as an array and is none.
            OSError: it cannot be read.
        """
        with unpacked(self.path) as file:
            if not _is_array(file):
                return "line", read_rows(self.path)
            try:
                items: list[object] = json.load(file)
            except (ValueError, RecursionError) as error:
                raise ConfigError(f"{self.path}: is no JSON array: {error}") from None
        return "item", (_item(number, item) for number, item in enumerate(items, start=1))

    def write(self, rows: Iterable[dict[str, Any]], one_array: bool) -> None:
        """Puts the rows in the file's place in one step: it is there whole, or as it was.

        Raises:
            OSError: it cannot be written.
        """
        aside = LabelFile(self.path.with_name(f".new-{self.path.name}"))
        try:
            with aside._packed() as file:
                file.writelines(_array(rows) if one_array else (_json(row) + b"\n" for row in rows))
            os.replace(aside.path, self.path)
        finally:
            aside.path.unlink(missing_ok=True)

    def _packed(self) -> IO[bytes]:
        pack = gzip.open if self.path.suffix == ".gz" else open
        return cast("IO[bytes]", pack(self.path, "wb"))


def _is_array(file: IO[bytes]) -> bool:
    """Leaves the file at its beginning."""
    first = b" "
    while first.isspace():
        first = file.read(1)
    file.seek(0)
    return first == b"["


def _item(number: int, item: object) -> Row:
    if isinstance(item, dict):
        return Row(number, cast("dict[str, Any]", item))
    return Row(number, {"item": item}, "is no JSON object")


def _array(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    separator = b"[\n"
    for row in rows:
        yield separator + _json(row)
        separator = b",\n"
    yield b"[]\n" if separator == b"[\n" else b"\n]\n"


def _json(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode()
