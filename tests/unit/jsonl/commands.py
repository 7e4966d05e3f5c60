"""Commands on JSON lines, and their files."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.unit.client.word_count import WordCount, serving

from ratchet.cli import main


def write(path: Path, rows: Sequence[dict[str, Any]], extra: str = "") -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + extra)
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def run(command: str, target: str, file: Path, *options: object) -> int:
    """The command's exit code; a later option wins over the deadline of 20 s."""
    arguments = [command, file, "--target", target, "--deadline", 20, *options]
    return await asyncio.to_thread(main, [str(argument) for argument in arguments])


async def said_of_lines(
    command: str, field: str, folder: Path, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What a judge that counts words says of the rows, and of a line that is no JSON.

    All else comes back as it was, in its order.
    """
    file, out = write(folder / "in.jsonl", rows, "no json\n\n"), folder / "out.jsonl"
    async with serving(WordCount()) as target:
        assert await run(command, target, file, "--out", out) == 0
    found = read(out)
    said = [row.pop(field) for row in found]
    assert found == [*rows, {"line": "no json"}]
    return said


def fields_at_fault(said: Sequence[dict[str, Any]]) -> dict[int, str]:
    """Line -> field of every error."""
    errors = [each["error"] for each in said if "error" in each]
    return {error["line"]: error["field"] for error in errors}
