"""The folder of one run: raw numbers as JSON lines, and what is made of them."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


class RunFolder:
    """Names of the files, and how lines are written and read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / "state"
        self.judges = root / "judges"
        self.gate_prompts = root / "gate_prompts.jsonl"
        self.summary = root / "summary.json"
        self.page = root / "index.html"

    def create(self) -> None:
        """Makes the folder; raises FileExistsError where something is there already."""
        self.root.mkdir(parents=True, exist_ok=False)

    def write(self, name: str, rows: Iterable[Any]) -> None:
        """Writes `NAME.jsonl`, a row a line."""
        with self._file(name).open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def append(self, name: str, row: Any) -> None:
        """Adds a line to `NAME.jsonl`."""
        with self._file(name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def read(self, name: str) -> Iterator[Any]:
        """The rows of `NAME.jsonl`; none where the file was never written."""
        if self._file(name).exists():
            with self._file(name).open(encoding="utf-8") as file:
                yield from map(json.loads, file)

    def _file(self, name: str) -> Path:
        return self.root / f"{name}.jsonl"
