from pathlib import Path

import pytest
from tests.unit.jsonl.commands import write

from ratchet.cli import main

ROWS = [
    {"prompt": "My kettle leaks.", "completion": "Sorry that your kettle leaks."},
    {"prompt": "My kettle leaks.", "completion": "\x1b[2J We will refund\nyou"},
    {"prompt": "My kettle leaks."},
]


def test_the_list_and_what_it_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["standard", "list"]) == 0
    listed = capsys.readouterr().out
    assert (
        "customer-support    Answers of our customer support (9 criteria, 7 with a check)" in listed
    )
    assert main(["standard", "show", "customer-support"]) == 0
    assert 'standard_id = "customer-support"' in capsys.readouterr().out


def test_an_owner_tries_a_standard_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["standard", "show", "customer-support"])
    mine = tmp_path / "mine.toml"
    mine.write_text(capsys.readouterr().out.replace("max_words = 120", "max_words = 3"))
    answers = write(tmp_path / "answers.jsonl", ROWS)
    assert main(["standard", "try", str(mine), str(answers)]) == 1
    first, second, third, *summary = capsys.readouterr().out.splitlines()
    assert first == "line 1: breaks short: has 5 words, at most 3 are allowed"
    assert 'no_promises: has "We will refund"' in second
    assert "finished: does not end" in second and "\x1b" not in second
    assert third.startswith("line 3: error: completion:")
    assert "                    2  short" in summary
    assert summary[-1] == "People mark solves_it, true_of_us."


def test_answers_that_are_fine_and_checks_that_cannot_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = write(tmp_path / "answers.jsonl", ROWS[:1])
    assert main(["standard", "try", "customer-support", str(answers)]) == 0
    assert "line 1: meets every check" in capsys.readouterr().out
    mine = tmp_path / "mine.toml"
    check = '{ kind = "expression", expression = "answer[99] == answer[0]" }'
    mine.write_text(
        f'standard_id = "a"\n[[criteria]]\ncriterion_id = "b"\nsentence = "B."\ncheck = {check}\n'
    )
    assert main(["standard", "try", str(mine), str(answers)]) == 1
    assert "line 1: error: b: answer[99] == answer[0]: string index" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('standard_id = "a"\ncriteria = []', "mine.toml: criteria: a standard needs"),
        (
            'standard_id = "a"\n[[criteria]]\ncriterion_id = "b"\nsentence = "B."\n',
            "no criterion has a check",
        ),
        ("=", "mine.toml: is no TOML"),
    ],
)
def test_a_wrong_file_is_told(
    text: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(text)
    answers = write(tmp_path / "answers.jsonl", ROWS)
    assert main(["standard", "try", str(mine), str(answers)]) == 2
    assert told in capsys.readouterr().err
    assert main(["standard", "try", "customer-support", str(tmp_path / "nowhere")]) == 2
    assert main(["standard", "try", "nowhere", str(answers)]) == 2
