"""A command that is killed as a process, while its calls are under way."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from tests.unit.client.word_count import WordCount, serving
from tests.unit.jsonl.commands import read, run, write

from ratchet.judge.judges.base import Ask, Comparison, Item

SERVICES = Path(__file__).parents[3] / "services"
ROWS = [{"prompt": f"q{i}", "chosen": "one two", "rejected": "one"} for i in range(30)]


class Stalling(WordCount):
    """Answers ten comparisons; says when the eleventh comes, and keeps it waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.stalled, self.go_on = asyncio.Event(), asyncio.Event()

    async def compare(self, item_a: Item, item_b: Item, ask: Ask) -> Comparison:
        if len(self.calls) >= 10:
            self.stalled.set()
            await self.go_on.wait()
        return await super().compare(item_a, item_b, ask)


@pytest.mark.parametrize("command", ["compare", "agree"])
async def test_a_killed_process_is_gone_on_with(tmp_path: Path, command: str) -> None:
    file, out = write(tmp_path / "prefs.jsonl", ROWS), tmp_path / "out.jsonl"
    judge = Stalling()
    async with serving(judge) as target:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ratchet.cli", command, file, "--out", out),
            *("--target", target, "--in-flight", "4"),
            env={**os.environ, "PYTHONPATH": str(SERVICES)},
            stderr=asyncio.subprocess.DEVNULL,
        )
        await judge.stalled.wait()
        process.kill()
        await process.wait()
        judge.go_on.set()
        kept = out.read_bytes().count(b"\n")
        assert 0 < kept < len(ROWS)
        judge.calls.clear()
        assert await run(command, target, file, "--out", out) == 0
        asked = {call[0].messages[0].content for call in judge.calls}
        assert asked == {row["prompt"] for row in ROWS[kept:]}
    found = read(out)
    assert [{**row, "comparison": None} for row in ROWS] == [
        {**row, "comparison": None} for row in found
    ]
    assert all(row["comparison"]["score_a"] == 2 for row in found)
