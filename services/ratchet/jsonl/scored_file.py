"""The output of a command on JSON lines: as many lines as were done, in the input's order."""

import json
from pathlib import Path
from typing import Any

from ratchet.jsonl.rows import Row
from ratchet.process.config import ConfigError

JUDGEMENT = "judgement"


class ScoredFile:
    """A file that a killed command goes on with: no line twice, none left out."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file; a last line that was torn by a kill is cut off. OSError."""
        self._file = path.open("a+b")
        self._path = path
        self._file.seek(0)
        self._done = self._file.read().splitlines(keepends=True)
        if self._done and not self._done[-1].endswith(b"\n"):
            torn = self._done.pop()
            self._file.truncate(self._file.seek(0, 2) - len(torn))

    def __len__(self) -> int:
        return len(self._done)

    def has(self, index: int, row: Row) -> bool:
        """Whether the row, the input's `index`-th from 0, was done before.

        Raises:
            ConfigError: another row stands in its place: the input has changed.
        """
        if index >= len(self._done):
            return False
        try:
            found = json.loads(self._done[index])
            del found[JUDGEMENT]
        except (ValueError, KeyError, TypeError):
            found = None
        if found != _without_judgement(row):
            raise ConfigError(
                f"{self._path}: line {index + 1} is not of line {row.number} of the input; "
                "it goes on only where the same file was begun: name another --out"
            )
        return True

    def append(self, row: Row, judgement: dict[str, Any]) -> None:
        """Adds a row's line."""
        line = json.dumps({**row.fields, JUDGEMENT: judgement}, ensure_ascii=False)
        self._file.write(line.encode(errors="replace") + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _without_judgement(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.fields.items() if name != JUDGEMENT}
