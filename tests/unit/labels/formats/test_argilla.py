"""Records as Argilla's projects write them."""

from typing import Any

import pytest

from ratchet.jsonl.rows import BadRow, Row
from ratchet.labels.formats.argilla import user_id
from ratchet.labels.formats.named import format_named
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, VOTE_BOTH_BAD, VOTE_TIE, Preference, Vote

ANN, BOB = user_id("ann"), user_id("bob")


def response(value: Any, user: str = ANN, **fields: Any) -> dict[str, Any]:
    return {"value": value, "user_id": user} | fields


def record(*preference: Any, **responses: Any) -> dict[str, Any]:
    return {
        "id": "r1",
        "fields": {"prompt": "My kettle leaks.", "response1": "Sorry.", "response2": "So?"},
        "metadata": {"subset": "chat-hard"},
        "suggestions": {"preference": {"value": "response2", "score": None, "agent": None}},
        "responses": {"preference": list(preference), **responses},
        "vectors": {},
        "_server_id": None,
    }


def ranking(a: int, b: int) -> list[dict[str, Any]]:
    return [
        {"value": "Response 2", "rank": b},
        {"value": "Response 1", "rank": a},
        {"value": "Response 3", "rank": 1},
    ]


def read(fields: dict[str, Any], **names: str) -> list[Preference | BadRow]:
    return list(format_named("argilla", names).read(Row(1, fields)))


def votes(fields: dict[str, Any], **names: str) -> list[Vote]:
    return [each.vote for each in read(fields, **names) if isinstance(each, Preference)]


def test_labels_are_fields_or_words() -> None:
    said = ["response1", "Response-2", "tie", "Both bad", "meh"]
    found = votes(record(*(response(value) for value in said)), tie="meh")
    assert found == [VOTE_A, VOTE_B, VOTE_TIE, VOTE_BOTH_BAD, VOTE_TIE]


def test_equal_ranks_are_a_tie() -> None:
    ranked = record(
        response(ranking(2, 3)), response(ranking(3, 2), BOB), response(ranking(1, 1), "x")
    )
    assert votes(ranked) == [VOTE_A, VOTE_B, VOTE_TIE]


def test_a_record_tells_who_and_where_it_is_from() -> None:
    [found] = read(record(response("response1")))
    assert isinstance(found, Preference)
    assert (found.labeler, found.comparison.subset) == (ANN, "chat-hard")


def test_marks_are_of_the_same_user() -> None:
    fields = record(
        response("response1", ANN),
        response("response2", BOB),
        broken_a=[response(["short"], BOB)],
        broken_b=[response(["nothing broken"], BOB)],
    )
    ann, bob = read(fields)
    assert isinstance(ann, Preference)
    assert isinstance(bob, Preference)
    assert not ann.HasField("marks_a")
    assert list(bob.marks_a.broken_criterion_ids) == ["short"]
    assert bob.HasField("marks_b")
    assert list(bob.marks_b.broken_criterion_ids) == []


def test_drafts_suggestions_and_other_questions_are_no_labels() -> None:
    draft = record(response("response1", status="draft"), quality=[response("response2")])
    assert read(draft) == []
    assert votes(draft, question="quality") == [VOTE_B]
    assert read(record() | {"responses": None}) == []


@pytest.mark.parametrize("value", ["best", 3, None, [{"value": "Response 1", "rank": 1}], ["x"]])
def test_a_value_that_is_no_vote_is_named_and_loses_no_other(value: Any) -> None:
    fields = record(response("response1"), response(value, BOB), response("response2", "x"))
    assert votes(fields) == [VOTE_A, VOTE_B]
    [fault] = [each for each in read(fields) if isinstance(each, BadRow)]
    assert str(fault).startswith("responses.preference[1].value: ")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        (record() | {"fields": []}, "fields: is no object"),
        (record() | {"responses": []}, ""),
        (record() | {"responses": {"preference": {}}}, ""),
        (record() | {"responses": {"preference": "x"}}, "responses.preference: is no list"),
        (record("x"), "responses.preference[0]: is no object"),
        (record() | {"fields": {"prompt": "x"}}, "fields.response1: is no text"),
    ],
)
def test_a_record_that_is_none_is_refused(fields: dict[str, Any], fault: str) -> None:
    if not fault:
        assert read(fields) == []
        return
    with pytest.raises(BadRow) as caught:
        read(fields)
    assert str(caught.value).startswith(fault)
