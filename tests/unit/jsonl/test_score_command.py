import asyncio
import json
from pathlib import Path
from typing import Any

import grpc
import pytest
from tests.unit.client.word_count import BROKEN, WordCount, serving
from tests.unit.jsonl.commands import fields_at_fault, read, run, said_of_lines, write
from tests.unit.process.certificates import Certificates
from tests.unit.process.keys import write_keys

from ratchet.cli import main
from ratchet.jsonl.scored_file import ScoredFile
from ratchet.process.config import AuthSettings
from ratchet.process.keys_file import new_key

TURN = {"role": "user", "content": "hi"}
ROWS: list[dict[str, Any]] = [
    {"prompt": "hi", "completion": "one", "id": 17},
    {"prompt": [TURN], "completion": [{"role": "assistant", "content": "one two"}]},
    {"prompt": "hi"},
    {"prompt": "hi", "completion": BROKEN},
    {"prompt": [{"role": "tool", "content": "x"}], "completion": "one"},
    {"prompt": "hi", "completion": "one two three"},
]


async def test_every_line_comes_back_in_order_with_its_score_or_its_error(tmp_path: Path) -> None:
    said = await said_of_lines("score", "judgement", tmp_path, ROWS)
    assert [each.get("score") for each in said] == [1, 2, None, None, None, 3, None]
    assert fields_at_fault(said) == {3: "completion", 4: "completions[0]", 5: "", 7: ""}
    assert said[0]["broken"] == {"known": 0.0, "unknown": None}


async def test_a_server_with_tls_and_keys_is_asked_with_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = write(tmp_path / "in.jsonl", ROWS[:1]), tmp_path / "out.jsonl"
    certificates, key = Certificates(tmp_path), new_key("acme")
    certificates.issue("server", "localhost")
    keys = write_keys(tmp_path / "keys.toml", {key: "acme"}, "[tenants.acme]")
    auth = AuthSettings(keys_file=keys)
    async with serving(WordCount(), tls=certificates.tls(), auth=auth) as target:
        target = target.replace("127.0.0.1", "localhost")
        options = ("--out", out, "--ca", certificates.ca)
        assert await run("score", target, file, *options) == 1
        assert "UNAUTHENTICATED: no API key" in capsys.readouterr().err
        monkeypatch.setenv("RATCHET_API_KEY", key)
        assert await run("score", target, file, *options) == 0
    assert read(out)[0]["judgement"]["score"] == 1


async def test_a_killed_command_goes_on_without_a_line_twice_or_left_out(tmp_path: Path) -> None:
    file, out = write(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl"
    whole = tmp_path / "whole.jsonl"
    async with serving(WordCount()) as target:
        assert await run("score", target, file, "--out", whole) == 0
    lines = whole.read_text().splitlines(keepends=True)
    out.write_text("".join(lines[:2]) + lines[2][:10])  # As a kill leaves it.
    judge = WordCount()
    async with serving(judge) as target:
        assert await run("score", target, file, "--out", out) == 0
    assert out.read_text() == whole.read_text()
    assert "one" not in [item.completion for call in judge.calls for item in call]


async def test_a_text_without_utf8_is_an_error_of_its_line_and_no_hindrance_to_going_on(
    tmp_path: Path,
) -> None:
    rows = [{"prompt": "hi", "completion": "half \ud800"}, ROWS[0]]
    file, out = write(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl"
    async with serving(WordCount()) as target:
        assert await run("score", target, file, "--out", out) == 0
        before = out.read_text()
        assert await run("score", target, file, "--out", out) == 0
    first, second = read(out)
    assert first["judgement"]["error"]["line"] == 1
    assert second["judgement"]["score"] == 1
    assert out.read_text() == before


async def test_what_the_judge_cannot_score_now_is_asked_again(tmp_path: Path) -> None:
    file, out = write(tmp_path / "in.jsonl", [ROWS[0], ROWS[5]]), tmp_path / "out.jsonl"
    judge = WordCount()
    judge.broken_code = grpc.StatusCode.UNAVAILABLE
    write(file, [ROWS[0], ROWS[3], ROWS[5]])
    async with serving(judge) as target:
        assert await run("score", target, file, "--out", out) == 1
        assert len(read(out)) == 1
        judge.broken_code = grpc.StatusCode.INTERNAL
        assert await run("score", target, file, "--out", out) == 0
    assert len(read(out)) == 3


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([ROWS[0]], "has 6 lines, the input 1"),
        ([{**ROWS[0], "judgement": "mine"}], "line 1: judgement: is there already"),
    ],
)
async def test_nothing_is_overwritten_and_a_shortened_input_is_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    rows: list[dict[str, Any]],
    message: str,
) -> None:
    file, out = write(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl"
    other = write(tmp_path / "other.jsonl", rows)
    async with serving(WordCount()) as target:
        if "judgement" not in rows[0]:
            assert await run("score", target, file, "--out", out) == 0
        assert await run("score", target, other, "--out", out) == 2
    assert message in capsys.readouterr().err


async def test_two_commands_do_not_write_one_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = write(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl"
    held = ScoredFile(out, "judgement", "")
    async with serving(WordCount()) as target:
        assert await run("score", target, file, "--out", out) == 2
        held.close()
        assert await run("score", target, file, "--out", out) == 0
    assert "another command" in capsys.readouterr().err


async def test_scores_of_another_judge_are_not_taken_for_this_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = write(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl"
    async with serving(WordCount()) as target:
        assert await run("score", target, file, "--out", out) == 0
        before = out.read_text()
        assert await run("score", target, file, "--out", out, "--judge", "other") == 2
    assert "line 1 is by the judge 'serving', not 'other'" in capsys.readouterr().err
    assert out.read_text() == before


@pytest.mark.parametrize("named", ["in.jsonl", "notes.txt"])
async def test_a_file_named_by_mistake_keeps_its_last_line(tmp_path: Path, named: str) -> None:
    file = write(tmp_path / "in.jsonl", ROWS)
    out = write(tmp_path / named, ROWS[:2], json.dumps(ROWS[2]))
    before = out.read_text()
    async with serving(WordCount()) as target:
        assert await run("score", target, file, "--out", out) == 2
    assert out.read_text() == before


async def test_an_output_of_another_input_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = write(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl"
    async with serving(WordCount()) as target:
        await run("score", target, file, "--out", out)
        before = out.read_text()
        other = write(tmp_path / "other.jsonl", [{"prompt": "ho"}, *ROWS[1:]])
        assert await run("score", target, other, "--out", out) == 2
    assert "line 1 is not of line 1" in capsys.readouterr().err
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
