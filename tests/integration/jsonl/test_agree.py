"""A judge of checks as a real process, and its agreement with preferences counted by hand."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.chaos.judge_process import judging
from tests.chaos.rollouts import tiny_trunk
from tests.chaos.service import Service
from tests.unit.jsonl.commands import read, write

from ratchet.cli import main

SHORT = {"kind": "program", "checks": [{"id": "s", "check": {"kind": "max_words", "words": 3}}]}
BRIEF, LONG = "Send it back.", "You could perhaps send it back to us some day."


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("judge")
    trunk = tiny_trunk(folder / "trunk")
    with judging(folder, trunk, {"short": SHORT}) as service, service.until_serving():
        yield service


def preferences() -> list[dict[str, str]]:
    """20 pairs: short is chosen in 12 and long in 4; in 4 both are as short, chosen the longer."""
    answers = [(BRIEF, LONG)] * 12 + [(LONG, BRIEF)] * 4 + [(BRIEF, "Sorry.")] * 4
    human = "\n\nHuman: Kettle {} leaks.\n\nAssistant: {}"
    return [
        {"chosen": human.format(i, chosen), "rejected": human.format(i, rejected)}
        for i, (chosen, rejected) in enumerate(answers)
    ]


def test_a_judge_of_checks_agrees_as_often_as_counted_by_hand(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "prefs.jsonl", preferences(), '{"chosen": "no pair"}\n')
    arguments = ["agree", str(file), "--judge", "short", "--target", service.address, "--json"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["pairs"], found["errors"], found["ties"]) == (20, 1, 4)
    assert found["judge"]["value"] == pytest.approx((12 + 4 / 2) / 20)
    assert found["floors"]["shorter"]["value"] == pytest.approx(12 / 20)
    assert found["floors"]["longer"]["value"] == pytest.approx(8 / 20)
    # A difference of scores of 1 is a probability of .731 that the shorter one is preferred.
    assert found["brier"] == pytest.approx((12 * 0.269**2 + 4 * 0.731**2 + 4 * 0.25) / 20, abs=1e-3)
    assert [each["judge"] for each in found["judges"]] == ["short"]
    said = [row["comparison"] for row in read(tmp_path / "prefs.short.compared.jsonl")]
    assert [each.get("score_a") for each in said] == [1.0] * 12 + [0.0] * 4 + [1.0] * 4 + [None]


def test_a_judge_that_is_not_there_is_named(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "prefs.jsonl", preferences())
    assert main(["agree", str(file), "--judge", "tall", "--target", service.address]) == 1
    assert "no judge 'tall' (are: serving, short)" in capsys.readouterr().err
