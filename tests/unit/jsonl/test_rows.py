import gzip
from pathlib import Path

import pytest

from ratchet.jsonl.rows import Row, read_rows
from ratchet.jsonl.turns import Turn

SAID = "It said\n\nHuman: hi\n\nAssistant:"
USER = {"role": "user", "content": "hi"}


@pytest.mark.parametrize(
    ("prompt", "turns"),
    [
        ("hi", [USER]),
        ("\n\nHuman: hi\n\nAssistant:", [USER]),
        (
            "Human: hi\n\nAssistant: what?\n\nHuman: hi \n\nAssistant: ",
            [USER, {"role": "assistant", "content": "what?"}, USER],
        ),
        # Not a transcript, or nobody is to write next: a text like any other.
        (SAID, [{"role": "user", "content": SAID}]),
        ("\n\nHuman: hi", [{"role": "user", "content": "\n\nHuman: hi"}]),
        ("\n\nAssistant:", [{"role": "user", "content": "\n\nAssistant:"}]),
    ],
)
def test_a_transcript_up_to_the_assistants_turn_is_a_conversation(
    prompt: str, turns: list[Turn]
) -> None:
    row = Row(1, {"prompt": prompt, "completion": "yes"})
    assert row.prompt_and_completion() == (turns, "yes")


def test_a_packed_file_that_was_cut_gives_its_rows_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl.gz"
    lines = "".join(f'{{"prompt": "{number * 7919 % 10007}"}}\n' for number in range(5000))
    file.write_bytes(gzip.compress(lines.encode())[:-1000])
    rows = read_rows(file)
    assert next(rows).fields == {"prompt": "0"}
    with pytest.raises(OSError, match="cannot be unpacked: Compressed file ended"):
        list(rows)
