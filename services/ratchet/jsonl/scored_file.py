"""The output of a command on JSON lines: as many lines as were done, in the input's order."""

import fcntl
import json
from pathlib import Path
from typing import Any

from ratchet.jsonl.rows import Row
from ratchet.judge.judges.settings import SERVING
from ratchet.process.config import ConfigError


class ScoredFile:
    """A file that a killed command goes on with: no line twice, none left out."""

    def __init__(self, path: Path, field: str, judge: str) -> None:
        """Opens or makes the file; a last line that was torn by a kill counts as not done.

        Args:
            path: of the file.
            field: of each line that holds what the judge said.
            judge: the name that is asked; empty: the server's own.

        Raises:
            OSError: it cannot be written.
            ConfigError: another command writes it.
        """
        self._path, self._field, self._judge = path, field, judge or SERVING
        self._file = path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"{path}: another command is writing it") from None
        self._file.seek(0)
        self._done = self._file.read().splitlines(keepends=True)
        torn = bool(self._done) and not self._done[-1].endswith(b"\n")
        self._torn = self._done.pop() if torn else b""

    def __len__(self) -> int:
        return len(self._done)

    def check_length(self, rows: int) -> None:
        """Raises ConfigError where there are more lines than rows of the input."""
        if (found := len(self._done) + bool(self._torn)) > rows:
            raise ConfigError(f"{self._path}: has {found} lines, the input {rows}")

    def has(self, index: int, row: Row) -> bool:
        """Whether the row, the input's `index`-th from 0, was done before.

        Raises:
            ConfigError: another row stands in its place: the input has changed; another judge
                was asked; or the row has the field already.
        """
        if self._field in row.fields:
            raise ConfigError(
                f"line {row.number}: {self._field}: is there already; name another --field"
            )
        if index >= len(self._done):
            return False
        try:
            found = json.loads(self._done[index])
            judge = found.pop(self._field).get("judge", self._judge)
        except (ValueError, KeyError, TypeError, AttributeError):
            found, judge = None, ""
        if found != row.fields:
            raise ConfigError(
                f"{self._path}: line {index + 1} is not of line {row.number} of the input; "
                "it goes on only where the same file was begun: name another --out"
            )
        if judge != self._judge:
            raise ConfigError(
                f"{self._path}: line {index + 1} is by the judge {judge!r}, not "
                f"{self._judge!r}: name another --out"
            )
        return True

    def append(self, row: Row, judgement: dict[str, Any]) -> None:
        """Adds a row's line, after `has` was asked of all rows up to it."""
        if self._torn:  # Cut off now, since it is known by now that the file is ours.
            self._file.truncate(self._file.seek(0, 2) - len(self._torn))
            self._torn = b""
        # In ASCII: JSON may hold halves of surrogates, which have no UTF-8.
        self._file.write(json.dumps({**row.fields, self._field: judgement}).encode() + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
