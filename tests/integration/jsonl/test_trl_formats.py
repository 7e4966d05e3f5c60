"""Lines are read as the real TRL reads them."""

from typing import Any

import pytest
from trl.data_utils import maybe_extract_prompt

from ratchet.jsonl.preference import Preference
from ratchet.jsonl.rows import Row

USER = {"role": "user", "content": "My kettle leaks."}
ASKED = [USER, {"role": "assistant", "content": "Which?"}, {"role": "user", "content": "The red."}]
YES = {"role": "assistant", "content": "I am sorry."}
NO = {"role": "assistant", "content": "I am not."}


@pytest.mark.parametrize(
    "line",
    [
        {"prompt": "My kettle leaks.", "chosen": "I am sorry.", "rejected": "I am not."},
        {"prompt": ASKED, "chosen": [YES], "rejected": [NO]},
        {"chosen": [*ASKED, YES], "rejected": [*ASKED, NO]},
        {"prompt": "My kettle leaks.", "chosen": [USER, YES], "rejected": [USER, NO]},
    ],
)
def test_what_trl_makes_explicit_is_the_same_pair(line: dict[str, Any]) -> None:
    explicit = maybe_extract_prompt(dict(line))
    found = Preference.of(Row(1, line))
    assert Preference.of(Row(1, explicit)) == found
    prompt = explicit["prompt"]
    assert found.prompt == (prompt if isinstance(prompt, list) else [USER])
    chosen = explicit["chosen"]
    assert found.chosen == (chosen if isinstance(chosen, str) else chosen[0]["content"])
