"""The report: rows are paired over seeds, and the page says what the runs measured."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.recursion.plan import Plan
from benchmarks.recursion.report import interval, per_criterion, rows
from benchmarks.recursion.report_command import add_arguments
from benchmarks.recursion.results import RunResult, read_results

PLAN = Plan(steps=20, every=5)
PAGE = "before\n<!-- results of recursion.json -->\nstale\n<!-- end of results -->\nafter\n"
COUNTS = {"broken": 10, "caught": 6, "sound": 100, "wrong": 3}


def line(step: int, gold: float, **more: object) -> dict[str, object]:
    figures = {"kl": 0.01 * step, "proxy": 0.5, "agreement": 0.7, "distinct_answers": 1.0,
               "gold_by_answer": [gold, gold], "proxy_by_answer": [0.5, 0.5]}  # fmt: skip
    return {"step": step, "gold": gold, "answer_tokens": 30, "answers_read": 480 + 8 * step} | (
        figures | more
    )


def write(out: Path, arm: str, seed: int, golds: list[float], **more: object) -> None:
    folder = out / f"{arm}-{seed}"
    folder.mkdir(parents=True)
    text = "".join(json.dumps(line(5 * i, gold, **more)) + "\n" for i, gold in enumerate(golds))
    (folder / "rounds.jsonl").write_text(text)
    machine = {"gpus": [], "processor": "a processor", "cores": 2, "torch": "2.13"}
    where = [{"machine": machine, "commit": commit} for commit in ("abcdef123", "fedcba321")]
    (folder / "machines.jsonl").write_text("".join(f"{json.dumps(at)}\n" for at in where))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "plan.json").write_text(PLAN.model_dump_json())
    for seed in range(3):
        write(tmp_path, "F", seed, [1, 6, 9, 6, 3])
        write(tmp_path, "O", seed, [1, 4, 6, 7, 8 + seed])
    helped = {"polite": COUNTS | {"caught": 9, "wrong": 5}, "plain": COUNTS}
    marks = {
        "shown": {"counts": helped, "mean_balanced_accuracy": 0.8},
        "alone": {"counts": {"polite": COUNTS, "plain": COUNTS}, "mean_balanced_accuracy": 0.7},
    }
    auc = {"critic_auc": {"polite": 0.7, "plain": None}}
    write(tmp_path, "O+A", 0, [1, 5, 6, 7, 8], marks=marks, **auc,
          critic_auc_after_fit={"polite": 0.8, "plain": None})  # fmt: skip
    write(tmp_path, "O+A", 1, [1, 5])  # not over
    return tmp_path


def test_rows_are_differences_of_runs_with_the_same_seed(out: Path) -> None:
    found = {row["name"]: row for row in rows(read_results(out))}
    online = found["online minus frozen, gold"]
    assert online["values"] == pytest.approx([1, 4 / 3, 5 / 3])
    assert (online["low"], online["high"]) == pytest.approx(interval(online["values"]))
    assert online["low"] < online["value"] < online["high"]
    assert found["frozen, gold lost since its best"]["values"] == pytest.approx([1, 1, 1])
    assert found["online, gold lost since its best"]["value"] == 0
    assert found["frozen, judge's score gained since gold's best"]["value"] == 0
    assert found["helped minus unhelped readers, gold"]["runs"] == 1
    assert "current minus first helper, gold" not in found


def test_what_chooses_the_best_rounds_is_not_what_their_gold_is_read_from(tmp_path: Path) -> None:
    """Noise alone loses nothing, on average."""
    noise = np.random.default_rng(0).normal(size=(2000, 13, 2))
    losses = []
    for run in noise:
        lines = [line(5 * i, both.mean(), gold_by_answer=[*both]) for i, both in enumerate(run)]
        losses.append(RunResult("F", 0, lines).loss())
    low, high = interval(losses)
    assert low is not None and high is not None
    assert low < 0 < high


def test_the_judges_score_is_compared_over_the_same_rounds(tmp_path: Path) -> None:
    lines = [
        line(5 * i, gold, gold_by_answer=[gold, 10 * gold], proxy_by_answer=[0.0, i / 10])
        for i, gold in enumerate([1, 2, 3, 6, 9, 6, 3, 2])
    ]
    del lines[0]["proxy_by_answer"]
    run = RunResult("F", 0, lines)
    assert run.loss() == pytest.approx(10 * (7 - 11 / 3))
    assert run.proxy_gain() == pytest.approx(0.2)
    # Before the first fit there is no judge; what it says after that is as good, for it is frozen.
    lines[0] |= {"gold_by_answer": [99, 99], "proxy_by_answer_after_fit": [0.0, -0.3]}
    assert RunResult("F", 0, lines).proxy_gain() == pytest.approx(0.6)


def test_help_is_told_by_the_mean_of_the_criteria(out: Path) -> None:
    found = {row["name"]: row["value"] for row in rows(read_results(out))}
    polite = (0.9 + 0.95) / 2 - (0.6 + 0.97) / 2
    assert found["helped minus unhelped label accuracy"] == pytest.approx(polite / 2)
    assert found["helped minus unhelped false marks"] == pytest.approx(0.01)
    assert found["critic AUC over chance"] == pytest.approx(0.3)
    assert found["critic AUC, after minus before the round's fit"] == pytest.approx(0.1)


def test_a_criterion_that_a_run_lacks_is_the_mean_of_the_others(out: Path) -> None:
    before = per_criterion(read_results(out))
    never = COUNTS | {"broken": 0, "caught": 0}
    counts = {"counts": {"polite": never, "plain": COUNTS}}
    write(out, "O+A", 2, [1, 5, 6, 7, 8], marks={"shown": counts, "alone": counts})
    found = per_criterion(read_results(out))
    assert found["polite"] == pytest.approx(before["polite"])
    assert found["plain"] == pytest.approx(before["plain"])


def test_an_interval_is_students(out: Path) -> None:
    assert interval([1.0, 2.0, 3.0]) == pytest.approx((2 - 2.484, 2 + 2.484), abs=1e-3)
    assert interval([1.0]) == (None, None)


def test_the_page_and_the_file_are_written_anew(
    out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "recursion.md").write_text(PAGE)
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    arguments = parser.parse_args(["--out", str(out), "--docs", str(docs)])
    assert arguments.run(arguments, parser) == 0
    assert "Not over, and so left out: O+A-1." in capsys.readouterr().out
    page = (docs / "recursion.md").read_text()
    assert page.startswith("before\n<!--") and page.endswith("<!-- end of results -->\nafter\n")
    assert "stale" not in page
    assert page.count("commit abcdef1") == page.count("commit fedcba3") == 1
    assert "| online minus frozen, gold | 1.333 points | 0.505 to 2.161 | 3 |" in page
    assert "| polite | 0.785 | 0.925 |" in page
    assert "Not over, and so left out: O+A-1." in page
    result = json.loads((docs / "results" / "recursion.json").read_text())
    assert {row["name"] for row in result["rows"]} >= {"online minus frozen, gold"}
    assert (docs / "results" / "recursion-kl.png").stat().st_size > 1000


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    arguments = parser.parse_args(["--out", str(tmp_path)])
    with pytest.raises(SystemExit):
        arguments.run(arguments, parser)
