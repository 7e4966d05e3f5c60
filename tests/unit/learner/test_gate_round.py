import json
from pathlib import Path

import pytest
from tests.unit.learner.groups import judged

from ratchet.learner.gate_round import (
    ASK_AGAIN_SECONDS,
    LOST_SECONDS,
    GatePrompt,
    GateRound,
    read_gate_prompts,
)
from ratchet.process.config import ConfigError
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.prompt_pb2 import PURPOSE_GATE

LINE = json.dumps({"prompt_id": "a", "messages": [["user", "Hi"]]})
PROMPTS = [GatePrompt(name, (("user", "question 0"),)) for name in ("a", "b")]


def answer(prompt_id: str, version: int = 4, asked_for: int = 4) -> JudgedGroup:
    return judged(
        purpose=PURPOSE_GATE, prompt_id=prompt_id, policy_version=version, prompt_version=asked_for
    )


def asked(round_: GateRound, now: float) -> list[str]:
    return [prompt.prompt_id for prompt in round_.to_ask(now)]


def test_every_prompt_is_asked_once_and_the_round_ends_with_the_last_answer() -> None:
    round_ = GateRound(PROMPTS, version=4)
    assert asked(round_, 0) == ["a", "b"]
    assert asked(round_, 1) == []
    assert round_.take(answer("b"))
    assert not round_.complete
    assert round_.take(answer("a"))
    assert round_.complete
    assert [g.group.prompt.prompt_id for g in round_.answers] == ["a", "b"]


def test_an_answer_by_another_version_is_asked_for_again_soon() -> None:
    round_ = GateRound(PROMPTS, version=4)
    round_.to_ask(0)
    assert not round_.take(answer("a", version=3))
    assert asked(round_, ASK_AGAIN_SECONDS) == ["a"]
    assert asked(round_, LOST_SECONDS) == ["b"]


IN_OTHER_WORDS = judged(
    offset=1, purpose=PURPOSE_GATE, prompt_id="a", policy_version=4, prompt_version=4
)


@pytest.mark.parametrize("other", [answer("z"), answer("a", asked_for=3), IN_OTHER_WORDS])
def test_what_belongs_to_no_prompt_of_the_round_is_left(other: JudgedGroup) -> None:
    assert not GateRound(PROMPTS, version=4).take(other)


def test_a_restart_takes_up_the_answers_and_asks_for_the_rest() -> None:
    round_ = GateRound(PROMPTS, version=4, answers=[answer("a")])
    assert asked(round_, 0) == ["b"]


def test_prompts_are_read_from_lines(tmp_path: Path) -> None:
    path = tmp_path / "gate.jsonl"
    path.write_text(f"{LINE}\n")
    [prompt] = read_gate_prompts(path)
    record = prompt.for_version(7, "shop", 2)
    assert (record.prompt_id, record.policy_version, record.samples) == ("a", 7, 2)
    assert [(m.role, m.content) for m in record.messages] == [("user", "Hi")]
    assert read_gate_prompts(None) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}", "line 1"),
        (f"{LINE}\n{LINE}", "comes twice"),
        ('{"prompt_id": "a", "messages": []}', "line 1: messages: is empty"),
        ('{"prompt_id": "a", "messages": [["robot", "Hi"]]}', r"line 1: messages\[0\].role"),
        ('{"prompt_id": "a", "messages": [["user"]]}', "line 1"),
        ("nonsense", "line 1"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "gate.jsonl"
    path.write_text(text)
    with pytest.raises(ConfigError, match=reason):
        read_gate_prompts(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.jsonl"):
        read_gate_prompts(tmp_path / "nowhere.jsonl")
