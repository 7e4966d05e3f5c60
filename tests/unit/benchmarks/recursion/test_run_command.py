"""The command: a folder holds runs of one plan, and two processes never make the same run."""

import argparse
import fcntl
import json
from pathlib import Path

import pytest
from benchmarks.recursion.run_command import add_arguments
from tests.unit.reward.tiny_chat import save_tiny_chat_model

FIGURES = {
    "steps": 2, "every": 1, "groups": 2, "completions": 2, "held-out-prompts": 2, "kl-prompts": 1,
    "max-tokens": 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_chat_model(tmp_path_factory.mktemp("model"))


def command(model: Path, out: Path, *more: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    figures = [part for name, value in FIGURES.items() for part in (f"--{name}", str(value))]
    given = ["--model", str(model), "--out", str(out), "--arms", "gold", *figures, *more]
    arguments = parser.parse_args(given)
    return arguments.run(arguments, parser)


def steps_done(out: Path, seed: int) -> int:
    path = out / f"gold-{seed}" / "rounds.jsonl"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_a_run_goes_on_and_is_made_once(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(model, tmp_path, "--rounds", "1") == 0
    assert steps_done(tmp_path, 0) == 1
    assert command(model, tmp_path) == 0
    assert steps_done(tmp_path, 0) == 3
    told = capsys.readouterr().out
    assert "gold seed 0 step 2: gold" in told
    folder = tmp_path / "gold-0"
    made = [path for path in folder.rglob("*") if path.name != "lock"]
    times = [path.stat().st_mtime_ns for path in made]
    assert command(tmp_path / "no model", tmp_path) == 0
    assert capsys.readouterr().out == ""
    assert [path.stat().st_mtime_ns for path in made] == times


def test_every_machine_and_commit_that_made_a_part_of_a_run_is_kept(
    model: Path, tmp_path: Path
) -> None:
    for commit in ("aaa", "aaa", "bbb"):
        command(model, tmp_path, "--rounds", "1", "--commit", commit)
    lines = (tmp_path / "gold-0" / "machines.jsonl").read_text().splitlines()
    assert [json.loads(line)["commit"] for line in lines] == ["aaa", "bbb"]


def test_a_run_that_another_process_makes_is_left_to_it(model: Path, tmp_path: Path) -> None:
    (tmp_path / "gold-0").mkdir()
    with (tmp_path / "gold-0" / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert command(model, tmp_path, "--seeds", "0-1", "--rounds", "1") == 0
    assert (steps_done(tmp_path, 0), steps_done(tmp_path, 1)) == (0, 1)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--steps", "4"), "another steps"),
        (("--steps", "3", "--every", "2"), "steps: 3 is no multiple of every: 2"),
        (("--caught", "1.5"), "caught"),
        (("--arms", "X"), "no arm X; there are F, O"),
    ],
)
def test_what_makes_no_sense_is_refused(
    model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, str],
    said: str,
) -> None:
    command(model, tmp_path, "--rounds", "0")
    with pytest.raises(SystemExit):
        command(model, tmp_path, *more)
    assert said in capsys.readouterr().err
