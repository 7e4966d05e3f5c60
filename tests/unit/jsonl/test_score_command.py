import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.client.test_judge_client import BROKEN, WordCount, serving

from ratchet.cli import main

TURN = {"role": "user", "content": "hi"}
ROWS: list[dict[str, Any]] = [
    {"prompt": "hi", "completion": "one", "id": 17},
    {"prompt": [TURN], "completion": [{"role": "assistant", "content": "one two"}]},
    {"prompt": "hi"},
    {"prompt": "hi", "completion": BROKEN},
    {"prompt": [{"role": "tool", "content": "x"}], "completion": "one"},
    {"prompt": "hi", "completion": "one two three"},
]


def write(path: Path, rows: list[dict[str, Any]], extra: str = "") -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + extra)
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def score(target: str, file: Path, out: Path) -> int:
    arguments = ["score", str(file), "--out", str(out), "--target", target, "--deadline", "20"]
    return await asyncio.to_thread(main, arguments)


async def test_every_line_comes_back_in_order_with_its_score_or_its_error(tmp_path: Path) -> None:
    file, out = write(tmp_path / "in.jsonl", ROWS, "no json\n\n"), tmp_path / "out.jsonl"
    async with serving(WordCount()) as target:
        assert await score(target, file, out) == 0
    found = read(out)
    judgements = [row.pop("judgement") for row in found]
    assert found == [*ROWS, {"line": "no json"}]
    assert [judgement.get("score") for judgement in judgements] == [1, 2, None, None, None, 3, None]
    errors = {j["error"]["line"]: j["error"]["field"] for j in judgements if "error" in j}
    assert errors == {3: "completion", 4: "completions[0]", 5: "", 7: ""}
    assert judgements[0]["broken"] == {"known": 0.0, "unknown": None}


async def test_a_killed_command_goes_on_without_a_line_twice_or_left_out(tmp_path: Path) -> None:
    file, out = write(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl"
    whole = tmp_path / "whole.jsonl"
    async with serving(WordCount()) as target:
        assert await score(target, file, whole) == 0
    lines = whole.read_text().splitlines(keepends=True)
    out.write_text("".join(lines[:2]) + lines[2][:10])  # As a kill leaves it.
    judge = WordCount()
    async with serving(judge) as target:
        assert await score(target, file, out) == 0
    assert out.read_text() == whole.read_text()
    assert "one" not in [item.completion for call in judge.calls for item in call]


async def test_an_output_of_another_input_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = write(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl"
    async with serving(WordCount()) as target:
        await score(target, file, out)
        before = out.read_text()
        other = write(tmp_path / "other.jsonl", [{"prompt": "ho", "completion": "x"}])
        assert await score(target, other, out) == 2
    assert "line 1" in capsys.readouterr().err
    assert out.read_text() == before


async def test_without_a_judge_it_says_so_and_a_missing_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = write(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl"
    arguments = ["score", str(file), "--out", str(out), "--target", "127.0.0.1:1"]
    assert await asyncio.to_thread(main, [*arguments, "--deadline", "0.2"]) == 1
    assert "127.0.0.1:1" in capsys.readouterr().err
    assert await asyncio.to_thread(main, ["score", "nothing.jsonl", "--out", str(out)]) == 2
    assert "nothing.jsonl" in capsys.readouterr().err
