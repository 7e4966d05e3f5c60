"""Traces, and what calls are made of them."""

from pathlib import Path

import pytest
from load_tests.__main__ import main
from load_tests.content import Content
from load_tests.trace import EXAMPLE, Lengths, made_up, read_trace

TRACE = (Lengths(5, (3, 4)), Lengths(2, (1,)))


def test_a_trace_is_read_and_the_example_is_what_its_command_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text('{"prompt_tokens": 5, "completion_tokens": [3, 4]}\n\n')
    assert read_trace(path) == [Lengths(5, (3, 4))]
    assert main(["trace"]) == 0
    assert capsys.readouterr().out == EXAMPLE.read_text()
    assert len(read_trace(EXAMPLE)) == 200
    assert list(made_up(9, seed=1)) != list(made_up(9, seed=2))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no line"),
        ("{", "1: is no JSON"),
        ("[1]", "1: is no JSON object"),
        ('{"prompt_tokens": 5}', "1: completion_tokens"),
        ('{"prompt_tokens": 5, "completion_tokens": []}', "1: completion_tokens"),
        ('{"prompt_tokens": 5, "completion_tokens": [0]}', "1: completion_tokens: 0"),
        ('{"prompt_tokens": true, "completion_tokens": [1]}', "1: prompt_tokens: True"),
        ('{"prompt_tokens": 5, "completion_tokens": [1], "n": 1}', "1: n: there is no such field"),
    ],
)
def test_a_bad_line_is_told_by_number_and_field(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text(line)
    with pytest.raises(ValueError, match=f"trace.jsonl:.*{reason}"):
        read_trace(path)


def test_calls_have_the_traces_lengths_and_differ() -> None:
    content = Content(TRACE, seed=0, low=100, high=30000)
    prompt, completions = content.ids(0)
    assert (len(prompt), [len(ids) for ids in completions]) == (5, [3, 4])
    assert all(100 <= id_ < 30000 for id_ in prompt)
    assert content.ids(0) == (prompt, completions)
    assert content.ids(2)[0] != prompt, "the trace begins again with other tokens"
    assert Content(TRACE, seed=1, low=100, high=30000).ids(0)[0] != prompt
    text, texts = content.texts(0)
    assert (len(text.split()), [len(each.split()) for each in texts]) == (5, [3, 4])


def test_a_range_of_token_ids_has_to_be_one() -> None:
    with pytest.raises(ValueError, match="token-ids"):
        Content(TRACE, seed=0, low=5, high=5)
