"""Tasks as Label Studio's projects export them."""

from typing import Any

import pytest

from ratchet.jsonl.rows import BadRow, Row
from ratchet.labels.formats.named import format_named
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, VOTE_BOTH_BAD, VOTE_TIE, Preference, Vote


def pairwise(selected: str, name: str = "pw") -> dict[str, Any]:
    return {
        "id": "x1",
        "from_name": name,
        "to_name": "text1,text2",
        "type": "pairwise",
        "value": {"selected": selected},
    }


def choices(*chosen: str, name: str = "verdict") -> dict[str, Any]:
    return {"from_name": name, "type": "choices", "value": {"choices": list(chosen)}}


def annotation(*result: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"completed_by": 3, "lead_time": 4.5, "was_cancelled": False, "result": list(result)} | (
        fields
    )


def task(*annotations: Any, **data: Any) -> dict[str, Any]:
    data = {"prompt": "My kettle leaks.", "answer1": "Sorry.", "answer2": "So?"} | data
    return {"id": 1, "data": data, "annotations": list(annotations), "predictions": []}


def read(fields: dict[str, Any], **names: str) -> list[Preference | BadRow]:
    return list(format_named("label-studio", names).read(Row(1, fields)))


def votes(fields: dict[str, Any], **names: str) -> list[Vote]:
    return [each.vote for each in read(fields, **names) if isinstance(each, Preference)]


def faults(fields: dict[str, Any], **names: str) -> list[str]:
    return [str(each) for each in read(fields, **names) if isinstance(each, BadRow)]


def test_an_exported_task_has_a_preference_of_each_annotator() -> None:
    known = {"id": 4, "email": "ann@shop.example"}
    first, second = read(
        task(annotation(pairwise("left")), annotation(pairwise("right"), completed_by=known))
    )
    assert isinstance(first, Preference)
    assert isinstance(second, Preference)
    assert [first.vote, second.vote] == [VOTE_A, VOTE_B]
    assert [first.labeler, second.labeler] == ["3", "ann@shop.example"]
    assert first.seconds == 4.5
    assert first.comparison.answer_a.text == "Sorry."
    assert [m.content for m in first.comparison.prompt.messages] == ["My kettle leaks."]
    assert not first.HasField("marks_a"), "nobody was asked what is broken"


def test_what_was_skipped_or_says_nothing_is_no_label() -> None:
    skipped = annotation(pairwise("left"), was_cancelled=True)
    other = annotation(choices("rude", name="tone"))
    assert read(task(skipped, annotation(), other)) == []
    assert read(task()) == []


def test_ties_are_choices_beside_the_pair() -> None:
    found = votes(
        task(
            annotation(choices("Tie")),
            annotation(choices("both bad")),
            annotation(choices("Unentschieden")),
        ),
        tie="Unentschieden",
    )
    assert found == [VOTE_TIE, VOTE_BOTH_BAD, VOTE_TIE]


def test_a_projects_own_words_and_fields_are_named() -> None:
    own = task(annotation(pairwise("answer1"), pairwise("second", "style")), q="Hi?", x="a", y="b")
    names = {"prompt": "q", "answer_a": "x", "answer_b": "y", "b": "second", "question": "style"}
    [found] = read(own, **names)
    assert isinstance(found, Preference)
    assert found.vote == VOTE_B
    assert found.comparison.answer_b.text == "b"


def test_marks_are_choices_of_each_answer() -> None:
    marked = annotation(
        pairwise("left"),
        choices("nothing broken", name="broken_a"),
        choices("short", "polite", name="broken_b"),
    )
    [found] = read(task(marked))
    assert isinstance(found, Preference)
    assert found.HasField("marks_a")
    assert list(found.marks_a.broken_criterion_ids) == []
    assert list(found.marks_b.broken_criterion_ids) == ["short", "polite"]


def test_a_task_that_lay_open_overnight_says_nothing_of_the_time() -> None:
    [found] = read(task(annotation(pairwise("left"), lead_time=90_000)))
    assert isinstance(found, Preference)
    assert found.seconds == 0


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ("x", "annotations[1]: is no object"),
        ({"result": 3}, "annotations[1].result: is no list"),
        (annotation(pairwise("up")), "annotations[1].result: 'up' is the word for no vote"),
        (annotation(pairwise("left"), choices("tie")), "annotations[1].result: holds several"),
        (annotation(pairwise("left"), lead_time="long"), "annotations[1].lead_time: is no number"),
        (annotation(pairwise("left"), completed_by=[1]), "annotations[1].completed_by: is neither"),
        (
            annotation(pairwise("left"), {"type": "choices", "from_name": "broken_a", "value": {}}),
            "annotations[1].result: broken_a: is no list",
        ),
    ],
)
def test_a_bad_annotation_is_named_and_loses_no_other(bad: Any, fault: str) -> None:
    fields = task(annotation(pairwise("left")), bad, annotation(pairwise("right")))
    assert votes(fields) == [VOTE_A, VOTE_B]
    [found] = faults(fields)
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        (task() | {"data": 1}, "data: is no object"),
        (task() | {"annotations": None}, "annotations: is no list"),
        (task(prompt=1), "data.prompt: is neither a text nor a list of turns"),
        (task(prompt=[{"role": "robot", "content": "x"}]), "data.prompt[0].role: 'robot'"),
        (task(answer1=["a"]), "data.answer1: is no text"),
        (task(answer2=" "), "data.answer2: is empty"),
        (task(answer2="Sorry."), "data.answer2: is the same as data.answer1"),
        (task(answer2="\ud800"), "data.answer2: holds half of a surrogate pair"),
    ],
)
def test_a_task_without_a_pair_is_refused(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(BadRow) as caught:
        read(fields)
    assert str(caught.value).startswith(fault)
