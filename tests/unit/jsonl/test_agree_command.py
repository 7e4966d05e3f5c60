import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.client.word_count import WordCount, serving
from tests.unit.jsonl.commands import read, run, write

from ratchet.cli import main
from ratchet.jsonl.agree_command import beside

ROWS: list[dict[str, Any]] = [
    {"prompt": f"question {i}", "chosen": "one two" if i < 15 else "one", "rejected": "three"}
    for i in range(20)
]
"""Chosen is longer in 15, as long in 5: so says the judge that counts words, and so the floor."""


async def test_a_judge_that_counts_words_is_no_better_than_the_longer_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = {"prompt": "q", "chosen": "a"}
    file = write(tmp_path / "prefs.jsonl", [bad, *ROWS], "torn")
    async with serving(WordCount()) as target:
        assert await run("agree", target, file, "--json") == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert (found["lines"], found["errors"], found["pairs"], found["ties"]) == (22, 2, 20, 5)
    assert found["judge"]["value"] == found["floors"]["longer"]["value"] == (15 + 5 / 2) / 20
    assert found["best_floor"] == "tfidf", '"two" is always in the chosen one'
    assert found["judges"] == [
        {
            "judge": "serving",
            "judge_version": 7,
            "standard_id": "shop",
            "standard_version": 2,
            "pairs": 20,
        }
    ]
    assert "2 without a comparison (line 1: rejected: is neither" in said.err
    assert len(read(tmp_path / "prefs.compared.jsonl")) == 22


async def test_the_table_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = write(tmp_path / "prefs[of ours].jsonl", ROWS), tmp_path / "kept.jsonl"
    async with serving(WordCount()) as target:
        assert await run("agree", target, file, "--out", out) == 0
    shown = capsys.readouterr().out
    assert len(read(out)) == 20
    assert "prefs[of ours].jsonl" in shown
    rows = [line.split() for line in shown.splitlines()]
    assert next(row for row in rows if row[:3] == ["judge", "serving", "7"])[3] == "87.5"
    assert next(row for row in rows if row[:3] == ["floor:", "the", "shorter"])[4] == "12.5"
    assert "20 pairs of 20 prompts, 5 of them ties" in shown


async def test_subsets_as_rewardbench_names_them_have_a_row_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few: dict[str, Any] = {"prompt": "q", "chosen": "one two", "rejected": "one", "subset": "[few]"}
    rows = [*({**row, "subset": "chat-hard"} for row in ROWS), few, {**few, "subset": 7}]
    file = write(tmp_path / "prefs.jsonl", rows)
    async with serving(WordCount()) as target:
        assert await run("agree", target, file) == 0
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    [hard] = [row for row in shown if row[:1] == ["chat-hard"]]
    assert hard[1:3] == ["20", "87.5"]
    assert ["[few]", "1", "too", "few"] in shown


async def test_what_was_compared_is_not_asked_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = write(tmp_path / "prefs.jsonl", ROWS), tmp_path / "prefs.compared.jsonl"
    judge = WordCount()
    async with serving(judge) as target:
        assert await run("agree", target, file, "--json") == 0
        figures, whole = capsys.readouterr().out, out.read_bytes()
        out.write_bytes(whole[: len(whole) // 2])  # As a kill leaves it.
        kept = out.read_bytes().count(b"\n")
        judge.calls.clear()
        assert await run("agree", target, file, "--json") == 0
        assert len(judge.calls) == 20 - kept
        assert await run("compare", target, file, "--out", out) == 0
        assert len(judge.calls) == 20 - kept, "ratchet compare makes the same file"
    assert out.read_bytes() == whole
    assert capsys.readouterr().out.startswith(figures)


async def test_comparisons_of_several_versions_are_no_one_judges_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = write(tmp_path / "prefs.jsonl", ROWS), tmp_path / "prefs.compared.jsonl"
    async with serving(WordCount()) as target:
        assert await run("agree", target, file) == 0
        assert "Several versions" not in capsys.readouterr().out
        rows = read(out)
        rows[0]["comparison"]["judge_version"] = 6
        write(out, rows)
        assert await run("agree", target, file) == 0
    shown = capsys.readouterr().out
    assert "judge serving 6, 7" in shown
    assert "Several versions" in shown


async def test_few_pairs_get_a_message_and_no_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "prefs.jsonl", ROWS[:19])
    async with serving(WordCount()) as target:
        assert await run("agree", target, file, "--json") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "19 compared pairs of 19 prompts are too few" in said.err


async def test_an_output_without_the_probabilities_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "prefs.jsonl", ROWS)
    out = write(tmp_path / "prefs.compared.jsonl", [{**r, "comparison": {}} for r in ROWS])
    async with serving(WordCount()) as target:
        assert await run("agree", target, file) == 2
    assert f"{out}: line 1: comparison: is no comparison" in capsys.readouterr().err


async def test_a_packed_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "prefs.jsonl.gz"
    file.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in ROWS).encode()))
    async with serving(WordCount()) as target:
        assert await run("agree", target, file) == 0
    assert len(read(tmp_path / "prefs.compared.jsonl")) == 20


def test_comparisons_of_each_judge_lie_beside_the_file() -> None:
    assert beside(Path("d/prefs.jsonl"), "") == Path("d/prefs.compared.jsonl")
    assert beside(Path("d/prefs.json.gz"), "short") == Path("d/prefs.short.compared.jsonl")


def test_a_judges_name_that_no_file_can_have_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["agree", str(tmp_path / "prefs.jsonl"), "--judge", "of/mine"]) == 2
    assert "of/mine" in capsys.readouterr().err
