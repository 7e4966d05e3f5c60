"""What a browser sends and gets, without a browser."""

import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from tests.unit.feedback.critiqued import critiques, named
from tests.unit.feedback.judged import group
from tests.unit.feedback.page.visitor import HTML, Visitor, add_pairs
from tests.unit.feedback.test_grpc_servicer import House

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.comparison_pool import PICKED
from ratchet.feedback.page.labeling import WHY
from ratchet.feedback.pairs import FIRST, REPEAT, Shares, pairs_of
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, VOTE_BOTH_BAD, VOTE_TIE


@pytest.fixture
async def house() -> House:
    house = House()
    await house.standards.put(shop_standard())
    add_pairs(house, ("Sorry.", "Hello!"))
    return house


@pytest.fixture
async def ann(house: House) -> AsyncIterator[Visitor]:
    ann = Visitor(house, marks_wanted=161)
    await ann.sign_in("Ann")
    yield ann
    await ann.http.aclose()


def label(pair: dict, **changed: object) -> dict:
    fields = {
        "pair_id": pair["pair_id"],
        "submission_id": "s1",
        "vote": "first",
        "broken_first": ["short", "polite"],
        "broken_second": ["plain"],
        "seconds": 3.5,
    }
    return fields | changed


async def test_votes_and_marks_reach_the_answers_that_they_were_given_to(house: House) -> None:
    """Whatever the order in which a labeler saw them: over many labelers it is both orders."""
    orders = set()
    for name in ("Ann", "Bob", "Cleo", "Dan", "Eve", "Fay"):
        visitor = Visitor(house)
        await visitor.sign_in(name)
        judged = group(f"of-{name}", ["Sorry.", "Hello!"], standard_id="shop-support")
        house.pool.add(pairs_of(judged, {}, Shares(0, 0)))
        while (pair := await visitor.next_pair()) is not None:
            reply = await visitor.post("/labels", label(pair, submission_id=pair["pair_id"] + name))
            assert reply.status_code == 200
            stored = house.kafka.records[-1]
            first, second = stored.comparison.answer_a, stored.comparison.answer_b
            marks_first, marks_second = stored.marks_a, stored.marks_b
            if stored.vote == VOTE_B:
                first, second = second, first
                marks_first, marks_second = marks_second, marks_first
            orders.add(stored.vote)
            assert pair["answers"] == [first.text, second.text]
            assert list(marks_first.broken_criterion_ids) == ["short", "polite"]
            assert list(marks_second.broken_criterion_ids) == ["plain"]
            assert (stored.labeler, stored.seconds) == (name, 3.5)
    assert orders == {VOTE_A, VOTE_B}


@pytest.mark.parametrize(("vote", "stored"), [("tie", VOTE_TIE), ("both_bad", VOTE_BOTH_BAD)])
async def test_a_vote_without_a_side(house: House, ann: Visitor, vote: str, stored: int) -> None:
    await ann.post("/labels", label(await ann.next_pair(), vote=vote))
    assert house.kafka.records[-1].vote == stored


async def test_a_pair_tells_no_version_and_no_score(ann: Visitor) -> None:
    pair = await ann.next_pair()
    assert set(pair) == {"pair_id", "messages", "answers", "criteria", "why", "pointed_at"}
    assert [set(criterion) for criterion in pair["criteria"]] == [{"id", "sentence"}] * 10
    assert "begins with pairs like this" in pair["why"]


def test_each_reason_for_a_pair_has_words() -> None:
    assert set(WHY) == {FIRST, *PICKED, REPEAT}


async def test_counts_are_in_pairs_and_grow_with_each_label(ann: Visitor) -> None:
    page = (await ann.http.get("/label/shop-support")).text
    assert 'data-labeled="0" data-wanted="81"' in page
    reply = (await ann.post("/labels", label(await ann.next_pair()))).json()
    assert reply == {"duplicate": False, "counts": {"labeled": 1, "wanted": 81}}
    none_left = (await ann.post("/label/shop-support/next")).json()
    assert none_left == {"pair": None, "counts": {"labeled": 1, "wanted": 81}}


async def test_a_label_that_is_sent_again_is_taken_once(house: House, ann: Visitor) -> None:
    sent = label(await ann.next_pair())
    await ann.post("/labels", sent)
    before = len(house.kafka.records)
    again = await ann.post("/labels", sent)
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert len(house.kafka.records) == before


async def test_what_kafka_did_not_take_can_be_sent_again(house: House, ann: Visitor) -> None:
    sent = label(await ann.next_pair())
    house.kafka.is_down = True
    assert (await ann.post("/labels", sent)).status_code == 503
    house.kafka.is_down = False
    assert (await ann.post("/labels", sent)).json()["duplicate"] is False


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"vote": "third"}, "vote"),
        ({"seconds": -1.0}, "seconds"),
        ({"seconds": "fast"}, "seconds"),
        ({"submission_id": ""}, "submission_id"),
        ({"broken_first": ["shiny"]}, "broken_criterion_ids[0]"),
        ({"broken_second": ["a"] * 65}, "broken_second"),
        ({"labeler": "Bob"}, "labeler"),
    ],
)
async def test_the_field_at_fault_is_named(ann: Visitor, changed: dict, field: str) -> None:
    reply = await ann.post("/labels", label(await ann.next_pair(), **changed))
    assert reply.status_code == 400
    assert field in reply.json()["message"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "pair_id": JSON | st.just("g0/0-1"),
        "submission_id": JSON | st.just("s1"),
        "vote": JSON | st.just("tie"),
        "broken_first": JSON | st.lists(JSON | st.sampled_from(["short", "plain"]), max_size=3),
        "broken_second": JSON | st.just([]),
        "seconds": JSON | st.floats(0, 10),
        "labeler": JSON,
    },
)


@given(st.lists(JSON | FIELDS, min_size=10, max_size=10))
@settings(max_examples=20)
async def test_no_body_makes_it_fail(bodies: list[object]) -> None:
    house = House()
    await house.standards.put(shop_standard())
    add_pairs(house, ("Sorry.", "Hello!"))
    ann = Visitor(house)
    await ann.sign_in("Ann")
    await ann.next_pair()
    headers = {"x-csrf-token": ann.token, "content-type": "application/json"}
    for body in bodies:
        reply = await ann.http.post("/labels", content=json.dumps(body), headers=headers)
        assert reply.status_code in (200, 400, 404, 409)
        assert reply.json()


async def test_what_does_not_exist_is_told(ann: Visitor) -> None:
    assert (await ann.post("/labels", label({"pair_id": "nowhere"}))).status_code == 404
    assert (await ann.post("/label/bank/next")).status_code == 404
    page = await ann.http.get("/label/bank", headers=HTML)
    assert page.status_code == 404
    assert "That did not work" in page.text


async def test_a_second_label_of_the_same_pair_is_a_conflict(ann: Visitor) -> None:
    pair = await ann.next_pair()
    await ann.post("/labels", label(pair))
    assert (await ann.post("/labels", label(pair, submission_id="s2"))).status_code == 409


async def test_a_body_that_is_too_large_or_no_json_is_refused(ann: Visitor) -> None:
    sent = label(await ann.next_pair(), submission_id="x" * 70_000)
    assert (await ann.post("/labels", sent)).status_code == 413
    headers = {"x-csrf-token": ann.token, "content-type": "text/plain"}
    reply = await ann.http.post("/labels", content=b"{}", headers=headers)
    assert "application/json" in reply.json()["message"]
    headers["content-type"] = "application/json"
    for broken in (b"{", b"[]", b"\xff"):
        assert (await ann.http.post("/labels", content=broken, headers=headers)).status_code == 400


async def test_requests_are_counted_by_the_pattern_of_their_path(ann: Visitor) -> None:
    def seen(page: str) -> float:
        name = "ratchet_feedback_page_seconds_count"
        return REGISTRY.get_sample_value(name, {"page": page}) or 0

    before, others = seen("/label/{standard_id}"), seen("other")
    await ann.http.get("/label/shop-support")
    await ann.http.get("/label/another")
    await ann.http.get("/who-knows-what")
    assert seen("/label/{standard_id}") == before + 2
    assert seen("other") == others + 1


async def test_help_points_at_the_answers_as_they_are_shown(house: House) -> None:
    """Whichever stands first; and a pair of the other half is shown without."""
    name, orders = named(helped=True)[0], set()
    judged = group(name, ["Breaks it.", "Keeps it."], policy_version=2, standard_id="shop-support")
    house.critiques.add(
        critiques(name, [["polite"], []], ["polite", "short"], standard_id="shop-support")
    )
    house.pool.add(pairs_of(judged, {}, Shares(0, 0)))
    for labeler in ("Ann", "Bob", "Cleo", "Dan", "Eve", "Fay"):
        visitor = Visitor(house)
        await visitor.sign_in(labeler)
        while (pair := await visitor.next_pair()) is not None:
            if pair["pair_id"] == f"{name}/0-1":
                expected = [["polite"] if text == "Breaks it." else [] for text in pair["answers"]]
                assert pair["pointed_at"] == expected
                orders.add(pair["answers"][0])
            else:
                assert pair["pointed_at"] is None
            await visitor.post("/labels", label(pair, submission_id=pair["pair_id"] + labeler))
    assert len(orders) == 2
