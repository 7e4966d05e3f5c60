"""One pair, however its line is written."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.jsonl.preference import Preference
from ratchet.jsonl.rows import BadRow, Row
from ratchet.jsonl.turns import Turn

USER = {"role": "user", "content": "hi"}
YES = {"role": "assistant", "content": "yes"}
NO = {"role": "assistant", "content": "no"}
PAIR = Preference([USER], "yes", "no")

# What a transcript can say: no blank ends, and none of the words that end a turn in it.
spoken = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
    .map(str.strip)
    .filter(lambda text: text and "Human:" not in text and "Assistant:" not in text)
)


@st.composite
def pairs(draw: st.DrawFn) -> Preference:
    texts = draw(st.lists(spoken, min_size=1, max_size=5).filter(lambda found: len(found) % 2))
    prompt = [
        {"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)
    ]
    chosen, rejected = draw(st.lists(spoken, min_size=2, max_size=2, unique=True))
    return Preference(prompt, chosen, rejected)


def answer(text: str) -> list[Turn]:
    return [{"role": "assistant", "content": text}]


def transcript(turns: list[Turn]) -> str:
    names = {"user": "Human", "assistant": "Assistant"}
    return "".join(f"\n\n{names[turn['role']]}: {turn['content']}" for turn in turns)


def read(fields: dict[str, Any]) -> Preference:
    return Preference.of(Row(1, json.loads(json.dumps(fields))))


@given(pairs())
def test_explicit_and_implicit_lines_are_the_same_pair(pair: Preference) -> None:
    prompt, chosen, rejected = pair.prompt, answer(pair.chosen), answer(pair.rejected)
    whole = [*prompt, *chosen], [*prompt, *rejected]
    for fields in (
        {"prompt": prompt, "chosen": chosen, "rejected": rejected},
        {"prompt": prompt, "chosen": pair.chosen, "rejected": pair.rejected},
        {"chosen": whole[0], "rejected": whole[1]},
        {"prompt": "as some files have it", "chosen": whole[0], "rejected": whole[1]},
        {"chosen": transcript(whole[0]), "rejected": transcript(whole[1])},
        {
            "prompt": transcript(prompt) + "\n\nAssistant:",
            "chosen": pair.chosen,
            "rejected": pair.rejected,
        },
    ):
        assert read(fields) == pair


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": "hi", "chosen": "yes", "rejected": "no"},
        {"prompt": "hi", "chosen": [YES], "rejected": "no"},
        {"prompt": None, "chosen": [USER, YES], "rejected": "Human: hi\n\nAssistant: no"},
        {"prompt": [{**USER, "name": "Ann"}], "chosen": [{**YES, "id": 1}], "rejected": [NO]},
    ],
)
def test_forms_may_be_mixed_and_other_fields_of_a_turn_do_not_matter(
    fields: dict[str, Any],
) -> None:
    assert read(fields) == PAIR


def test_turns_that_both_answers_begin_with_belong_to_the_prompt() -> None:
    tool, more = {"role": "assistant", "content": "look it up"}, {"role": "user", "content": "42"}
    fields = {"prompt": "hi", "chosen": [tool, more, YES], "rejected": [tool, more, NO]}
    assert read(fields) == Preference([USER, tool, more], "yes", "no")


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"prompt": "hi", "chosen": "yes"}, "rejected", "neither a text nor"),
        ({"prompt": 7, "chosen": "yes", "rejected": "no"}, "prompt", "neither a text nor"),
        ({"chosen": "yes", "rejected": "no"}, "chosen", "there is no prompt beside it"),
        ({"chosen": [YES], "rejected": [NO]}, "prompt", "one turn"),
        ({"chosen": [USER, YES], "rejected": [NO]}, "rejected", "parts from chosen before"),
        ({"chosen": [USER, YES], "rejected": [YES, NO]}, "rejected", "parts from chosen before"),
        ({"chosen": [USER, YES], "rejected": [NO, USER]}, "rejected", "of 'user', not"),
        ({"prompt": "hi", "chosen": "yes", "rejected": "yes"}, "rejected", "same as chosen"),
        ({"prompt": "hi", "chosen": [], "rejected": "no"}, "chosen", "neither a text nor"),
        (
            {"prompt": [{"role": "user"}], "chosen": "yes", "rejected": "no"},
            "prompt",
            "neither a text nor",
        ),
    ],
)
def test_what_is_no_pair_is_refused_with_its_field(
    fields: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(BadRow, match=reason) as caught:
        read(fields)
    assert caught.value.field == field


def test_a_line_that_is_no_json_is_no_pair() -> None:
    with pytest.raises(BadRow, match="is no JSON"):
        Preference.of(Row(1, {"line": "{"}, "is no JSON"))
