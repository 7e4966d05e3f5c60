"""People's data as the agreement benchmark reads them, and how it splits them."""

import gzip
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from benchmarks.agreement import finegrained_rlhf, hh_rlhf
from benchmarks.agreement.question import BadData, Question, Vote
from benchmarks.agreement.split import FOLDS, fold, split
from hypothesis import given
from hypothesis import strategies as st


def transcript(asked: str, answer: str) -> str:
    return f"\n\nHuman: {asked}\n\nAssistant: {answer}"


def hh_file(folder: Path, rows: list[Any]) -> Path:
    path = folder / hh_rlhf.FILE
    path.parent.mkdir()
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return folder


def good(i: int) -> dict[str, str]:
    return {"chosen": transcript(f"why {i}?", "so"), "rejected": transcript(f"why {i}?", "no")}


ENTRY: dict[str, Any] = {
    "question": "When?",
    "passages": [["A title", "It was in May.", "It rained."], ["Another", "In June it was over."]],
    **{f"prediction {i}": f"In month {i}." for i in range(1, 5)},
    "preference": [0, 1, 2, 1, 1, 2],
    "feedback": {
        "errors": [{"error type": "Irrelevant", "explanation": "", "start": 3, "end": 8}],
        "missing-info": [{"error type": "Missing-Answer", "passage_id": 2, "sentence_id": [1]}],
    },
}


def finegrained_file(folder: Path, entries: object) -> Path:
    path = folder / finegrained_rlhf.FILE
    path.parent.mkdir()
    path.write_text(json.dumps(entries))
    return folder


def test_a_pair_of_transcripts_is_a_prompt_with_two_answers(tmp_path: Path) -> None:
    [question] = hh_rlhf.read(hh_file(tmp_path, [good(0)]))
    assert question.messages == (("user", "why 0?"),)
    assert question.answers == ("so", "no")
    assert question.votes == (Vote(0, 1, 1.0),)


def test_a_bad_line_is_named_and_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    empty = {"chosen": transcript("why?", "so"), "rejected": transcript("why?", "")}
    rows = [good(i) for i in range(60)]
    rows[4:4] = [empty, "{"]
    with caplog.at_level(logging.WARNING):
        assert len(hh_rlhf.read(hh_file(tmp_path, rows))) == 60
    assert "line 5: rejected: its last turn is empty" in caplog.text
    assert "line 6: is no JSON" in caplog.text


def test_a_file_of_something_else_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"1 lines hold no pair, first line 2: chosen: "):
        hh_rlhf.read(hh_file(tmp_path, [good(0), {"text": "other"}]))


def test_votes_marks_and_critiques_of_four_answers(tmp_path: Path) -> None:
    [question] = finegrained_rlhf.read(finegrained_file(tmp_path, [ENTRY]))
    assert question.messages == (
        ("user", "It was in May. It rained. In June it was over.\n\nQuestion: When?"),
    )
    assert question.votes == (
        Vote(0, 2, 1.0),
        Vote(0, 3, 0.0),
        Vote(1, 2, 1.0),
        Vote(1, 3, 1.0),
        Vote(2, 3, 0.0),
    )
    assert question.broken == {0: {"Irrelevant", "Missing-Answer"}}
    assert question.critiques == {0: "Irrelevant: month\nMissing-Answer: In June it was over."}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prediction 3": ""}, "prediction 3: is no text"),
        ({"preference": [1, 2]}, "preference: is"),
        ({"preference": [1, 2, 3, 1, 1, 1]}, "preference: is"),
        ({"feedback": {"errors": []}}, "missing-info: is missing"),
        (
            {"feedback": {"errors": [{"error type": "Rude"}], "missing-info": []}},
            "feedback: error type 'Rude' is not known",
        ),
    ],
)
def test_a_bad_entry_is_named_with_its_field(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadData, match=f"entry 2: {said}"):
        finegrained_rlhf.read(finegrained_file(tmp_path, [ENTRY, ENTRY | change]))


PROMPTS = st.lists(st.text(max_size=8), min_size=1, max_size=40)


@given(PROMPTS, st.randoms())
def test_no_prompt_is_on_both_sides_and_its_side_depends_on_it_alone(
    prompts: list[str], random: Any
) -> None:
    def questions(asked: list[str]) -> list[Question]:
        return [Question((("user", text),), (str(i), ""), ()) for i, text in enumerate(asked)]

    found = split(questions(prompts))
    development, test = ({question.key for question in side} for side in found)
    assert not development & test
    assert len(found.development) + len(found.test) == len(prompts)
    random.shuffle(prompts)
    again = split(questions(prompts[: len(prompts) // 2]))
    assert {question.key for question in again.test} <= test
    assert {question.key for question in again.development} <= development


def test_parts_and_folds_have_their_shares_and_are_independent() -> None:
    asked = [Question((("user", str(i)),), ("", ""), ()) for i in range(4000)]
    found = split(asked)
    assert 0.27 < len(found.test) / len(asked) < 0.33
    for side in found:
        shares = [sum(fold(q.key) == f for q in side) / len(side) for f in range(FOLDS)]
        assert all(abs(share - 1 / FOLDS) < 0.04 for share in shares)


def test_a_dialogue_and_what_goes_on_from_it_are_on_one_side_and_resampled_together() -> None:
    begun = (("user", "why?"),)
    for answer in ("so", "no"):
        further = (*begun, ("assistant", answer), ("user", "and then?"))
        assert Question(further, (), ()).key == Question(begun, (), ()).key
    assert Question((("user", "when?"),), (), ()).key != Question(begun, (), ()).key
