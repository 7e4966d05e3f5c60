import re
from pathlib import Path
from typing import Any

import grpc
import pytest
from tests.unit.client.word_count import BROKEN, WordCount, serving
from tests.unit.jsonl.commands import fields_at_fault, read, run, said_of_lines, write

TURN = {"role": "user", "content": "hi"}
ROWS: list[dict[str, Any]] = [
    {"prompt": "hi", "chosen": "one two", "rejected": "one", "id": 17},
    {"chosen": [TURN, {"role": "assistant", "content": "a"}], "rejected": "\n\nHuman: hi"},
    {"prompt": "hi", "chosen": "one", "rejected": BROKEN},
    {"prompt": [{"role": "tool", "content": "x"}], "chosen": "one", "rejected": "two"},
    {"prompt": "hi", "chosen": "half \ud800", "rejected": "half"},
    {"chosen": "\n\nHuman: hi\n\nAssistant: a", "rejected": "\n\nHuman: hi\n\nAssistant: b c"},
]


async def test_every_line_comes_back_in_order_with_its_comparison_or_its_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = await said_of_lines("compare", "comparison", tmp_path, ROWS)
    assert fields_at_fault(said) == {2: "rejected", 3: "rejected", 4: "prompt", 5: "", 7: ""}
    assert said[2]["error"]["message"] == "cannot"
    assert "5 new and without a comparison" in capsys.readouterr().out
    assert said[0] == {
        "a_preferred": pytest.approx(0.7311, abs=1e-4),  # The logistic of one word more.
        "a_preferred_shown_first": pytest.approx(0.7311, abs=1e-4),
        "a_preferred_shown_second": pytest.approx(0.7311, abs=1e-4),
        "score_a": 2,
        "score_b": 1,
        "spread_a": 0.5,
        "spread_b": 0.5,
        "truncated": False,
        "judge": "serving",
        "judge_version": 7,
        "standard_id": "shop",
        "standard_version": 2,
    }
    assert (said[5]["score_a"], said[5]["score_b"]) == (1, 2)


async def test_after_a_kill_at_any_byte_the_rest_is_done_and_nothing_twice(tmp_path: Path) -> None:
    file, whole = write(tmp_path / "in.jsonl", ROWS), tmp_path / "whole.jsonl"
    out = tmp_path / "out.jsonl"
    judge = WordCount()
    async with serving(judge) as target:
        assert await run("compare", target, file, "--out", whole) == 0
        ends = [match.end() for match in re.finditer(b"\n", whole.read_bytes())]
        for cut in (0, ends[0] - 1, ends[0], ends[2] + 10, ends[-1] - 1, ends[-1]):
            out.write_bytes(whole.read_bytes()[:cut])
            judge.calls.clear()
            assert await run("compare", target, file, "--out", out) == 0
            assert out.read_bytes() == whole.read_bytes()
            done = sum(end <= cut for end in ends)
            judged = [0, 2, 5]  # The lines that reach the judge; the server refuses the others.
            assert len(judge.calls) == sum(line >= done for line in judged)


async def test_a_judge_that_cannot_now_stops_the_command_and_loses_nothing(tmp_path: Path) -> None:
    file, out = write(tmp_path / "in.jsonl", ROWS[:3]), tmp_path / "out.jsonl"
    judge = WordCount()
    judge.broken_code = grpc.StatusCode.UNAVAILABLE
    async with serving(judge) as target:
        assert await run("compare", target, file, "--out", out, "--deadline", 0.5) == 1
        assert len(read(out)) == 2
        judge.broken_code = grpc.StatusCode.INTERNAL
        assert await run("compare", target, file, "--out", out) == 0
    assert len(read(out)) == 3
