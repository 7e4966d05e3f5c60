"""A run: killed and taken up again it is what it would have been; arms cost the same reading."""

import json
from pathlib import Path

import pytest
from benchmarks.recursion.arm import ARMS
from benchmarks.recursion.plan import Plan
from benchmarks.recursion.run import Run
from tests.unit.reward.tiny_chat import save_tiny_chat_model

PLAN = Plan(
    steps=2,
    every=1,
    first_pairs=24,
    pairs_per_round=4,
    groups=6,
    completions=4,
    held_out_prompts=6,
    kl_prompts=2,
    max_tokens=12,
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_chat_model(tmp_path_factory.mktemp("model"))


def lines(run: Run) -> list[dict]:
    found = [run.round() for _ in range(3)]
    assert run.done
    return found


def measured(line: dict) -> dict:
    return {name: value for name, value in line.items() if "seconds" not in name}


@pytest.mark.parametrize("arm", ["O+A", pytest.param("O+A0", marks=pytest.mark.slow), "gold"])
def test_a_run_that_is_killed_goes_on_as_if_it_had_not_been(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arm: str
) -> None:
    straight = lines(Run(PLAN, ARMS[arm], 0, model, tmp_path / "straight"))
    out = tmp_path / "killed"
    out.mkdir()
    Run(PLAN, ARMS[arm], 0, model, out).round()
    killed = Run(PLAN, ARMS[arm], 0, model, out)
    with monkeypatch.context() as patch:
        patch.setattr(killed._store, "save", kill)
        with pytest.raises(KeyboardInterrupt):
            killed.round()
    again = [Run(PLAN, ARMS[arm], 0, model, out).round()]
    last = Run(PLAN, ARMS[arm], 0, model, out)
    again.append(last.round())
    assert last.done
    assert [measured(line) for line in again] == [measured(line) for line in straight[1:]]
    kept = (out / f"{arm}-0" / "rounds.jsonl").read_text().splitlines()
    assert [measured(json.loads(line)) for line in kept] == [*map(measured, straight)]
    assert len(list((out / f"{arm}-0" / "state").iterdir())) == 1


def kill(*_: object) -> None:
    raise KeyboardInterrupt


def test_where_all_answers_become_alike_the_judge_stays_and_the_run_goes_on(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(PLAN, ARMS["O+A"], 0, model, tmp_path)
    first = run.round()
    monkeypatch.setattr("benchmarks.recursion.run.picked", lambda *_: [])
    assert [run.round()["answers_read"] for _ in range(2)] == 2 * [first["answers_read"]]
    assert run.done


def test_a_frozen_judge_costs_as_much_reading_as_one_that_learns(
    model: Path, tmp_path: Path
) -> None:
    read = {
        name: [line["answers_read"] for line in lines(Run(PLAN, ARMS[name], 0, model, tmp_path))]
        for name in ("F", "O")
    }
    assert read == {"F": [56, 56, 56], "O": [48, 56, 56]}
