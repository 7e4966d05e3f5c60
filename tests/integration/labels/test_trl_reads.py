"""The real TRL takes what is written for it."""

from trl.data_utils import is_conversational, maybe_extract_prompt

from ratchet.jsonl.rows import Row
from ratchet.labels.formats.trl import Trl
from ratchet.v1.preference_pb2 import Preference


def test_lines_are_conversations_with_an_explicit_prompt() -> None:
    fields = {"prompt": "My kettle leaks.", "chosen": "I am sorry.", "rejected": "I am not."}
    [label] = Trl().read(Row(1, fields))
    assert isinstance(label, Preference)
    [row] = Trl().rows([label])
    assert is_conversational(row)
    assert maybe_extract_prompt(dict(row)) == row
    assert row["chosen"] == [{"role": "assistant", "content": "I am sorry."}]
