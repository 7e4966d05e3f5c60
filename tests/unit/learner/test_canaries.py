"""The file of canaries, and what their checks say of answers."""

import json
from pathlib import Path

import pytest
from tests.unit.learner.groups import judged

from ratchet.learner.canaries import read_canaries, without_canaries
from ratchet.learner.gate_prompt import CANARY as CANARY_ID
from ratchet.process.config import ConfigError

CANARY = {
    "prompt_id": "refund",
    "messages": [["user", "My kettle leaks."]],
    "checks": [
        {"kind": "must_not_contain", "phrases": ["refund"]},
        {"kind": "must_contain", "phrases": ["kettle"]},
    ],
}


def written(folder: Path, *lines: object) -> Path:
    path = folder / "canaries.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    return path


def test_the_checks_of_a_canary_mark_its_answers(tmp_path: Path) -> None:
    canaries = read_canaries(written(tmp_path, CANARY))
    assert [prompt.messages for prompt in canaries.prompts] == [(("user", "My kettle leaks."),)]
    answered = judged(prompt_id=canaries.prompts[0].prompt_id)
    answered.group.completions[0].text = "You get a refund for the kettle."
    answered.group.completions[1].text = "You get a refund."
    assert canaries.met([answered]) == pytest.approx(1 / 4)
    assert canaries.met([judged(prompt_id="gate-1")]) is None


def test_a_check_that_cannot_tell_is_left_out(tmp_path: Path) -> None:
    asks = {"kind": "expression", "expression": "1 / (len(words(answer)) - 2) > 0"}
    canary = {**CANARY, "checks": [*CANARY["checks"], asks]}
    canaries = read_canaries(written(tmp_path, canary))
    answered = judged(prompt_id=CANARY_ID + "refund", scores=(0.5,))
    answered.group.completions[0].text = "My kettle"
    assert canaries.met([answered]) == 1.0


def test_answers_to_canaries_are_known_by_their_ids() -> None:
    gate, canary = judged(prompt_id="gate-1"), judged(prompt_id=CANARY_ID + "gone-from-the-file")
    assert without_canaries([gate, canary]) == [gate]


def test_a_line_end_of_unicode_inside_of_a_text_ends_no_line(tmp_path: Path) -> None:
    path = tmp_path / "canaries.jsonl"
    line = {**CANARY, "messages": [["user", "My kettle\u2028leaks."]]}
    path.write_text(json.dumps(line, ensure_ascii=False) + "\n", "utf-8")
    [prompt] = read_canaries(path).prompts
    assert prompt.messages == (("user", "My kettle\u2028leaks."),)


def test_no_file_no_canaries() -> None:
    assert not read_canaries(None).prompts


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"checks": []}, "line 2: checks: there are none"),
        ({"checks": 3}, "line 2: checks"),
        ({"checks": [{"kind": "smells_right"}]}, "line 2: checks"),
        ({"messages": []}, "canaries: .*line 2"),
        ({"prompt_id": "refund"}, "canaries: line 2: refund comes twice"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, changed: dict[str, object], message: str) -> None:
    path = written(tmp_path, CANARY, {**CANARY, "prompt_id": "other", **changed})
    with pytest.raises(ConfigError, match=message):
        read_canaries(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"canaries: .*nowhere"):
        read_canaries(tmp_path / "nowhere")
