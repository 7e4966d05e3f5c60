"""The file of gate prompts, and which of its lines nobody could answer."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from ratchet.learner.gate_prompt import GatePrompt, check_room, read_gate_prompts
from ratchet.process.config import ConfigError
from ratchet.process.conversation import TemplateRefuses

LINE = json.dumps({"prompt_id": "a", "messages": [["user", "Hi"]]})


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
        (LINE.replace('"a"', '"canary/a"'), "line 1: prompt_id: canary/ is put before"),
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


def prompt_ids(messages: Sequence[tuple[str, str]]) -> list[int]:
    """A token a word."""
    if messages[0][0] == "system":
        raise TemplateRefuses("the model's chat template refuses: no system")
    return [1] * sum(len(content.split()) for _, content in messages)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (("user", "one two three four"), "canaries: line 2: messages: 4 tokens, and 5 for"),
        (("system", "short"), "canaries: line 2: messages: .* refuses"),
    ],
)
def test_a_prompt_that_nobody_can_answer_is_named(message: tuple[str, str], reason: str) -> None:
    prompts = [GatePrompt("a", (("user", "one two three"),)), GatePrompt("b", (message,))]
    check_room(prompts[:1], prompt_ids, 5, 8)
    with pytest.raises(ConfigError, match=reason):
        check_room(prompts, prompt_ids, 5, 8, "canaries")
