"""How a standard stands, in words that its owner understands."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from tests.unit.feedback.happenings import NOW, STANDARD, days_of, gate, in_force, label, manifest
from tests.unit.feedback.judged import group
from tests.unit.feedback.page.visitor import HTML, Visitor, sessions_of
from tests.unit.feedback.test_grpc_servicer import House

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.history import History
from ratchet.feedback.page.app import labeling_app
from ratchet.feedback.page.status_report import StatusReport, status_report
from ratchet.feedback.pairs import IMPORT
from ratchet.process.web_server import WebServer
from ratchet.v1.gate_pb2 import (
    AUTONOMY_ASSISTED,
    AUTONOMY_AUTONOMOUS,
    AUTONOMY_LEARNING,
    AUTONOMY_UNSPECIFIED,
    Autonomy,
    GateState,
)
from ratchet.v1.weights_pb2 import (
    ROLE_JUDGE,
    VERSION_STATUS_CANDIDATE,
    WeightsRecord,
)

DAY = 24 * 3600


def report(history: History, marks_wanted: int = 20) -> StatusReport:
    return status_report(history, shop_standard(), waiting=7, marks_wanted=marks_wanted, now=NOW)


def test_at_first_it_says_how_many_labels_are_missing() -> None:
    history = History()
    history.add_label(label("g"), NOW)
    verdict = report(history).verdict
    assert (verdict.headline, verdict.good) == ("Not yet", False)
    assert "9 more pairs" in verdict.text


def test_a_judge_that_was_not_proven_is_told_with_what_it_reached() -> None:
    history = History()
    candidate = manifest(ROLE_JUDGE, 3, VERSION_STATUS_CANDIDATE, passed=False)
    history.apply_weights(WeightsRecord(manifest=candidate))
    verdict = report(history).verdict
    assert not verdict.good
    assert "Judge 3 was tried" in verdict.text
    assert "71% of the time" in verdict.text


def test_a_proven_judge_is_told_with_how_sure_that_is() -> None:
    history = History()
    in_force(history, ROLE_JUDGE, 2)
    verdict = report(history).verdict
    assert verdict.good
    assert "judge 2" in verdict.headline
    assert "more than 61%" in verdict.text


@pytest.mark.parametrize(
    ("state", "share", "headline", "told", "good"),
    [
        (AUTONOMY_LEARNING, 1, "Not yet", "are asked to label every pair", False),
        (AUTONOMY_ASSISTED, 0.25, "With your help", "are asked to label 25% of", True),
        (AUTONOMY_AUTONOMOUS, 0.05, "Yes, and you spot-check", "are asked to check 5% of", True),
    ],
)
def test_where_the_gate_is_on_its_state_is_told(
    state: Autonomy, share: float, headline: str, told: str, good: bool
) -> None:
    history = History()
    in_force(history, ROLE_JUDGE, 2)
    history.take_gate(gate(state, share))
    verdict = report(history).verdict
    assert (verdict.headline, verdict.good) == (headline, good)
    assert told in verdict.text
    assert "On 120 pairs drawn by lot it chose as people did 66% of the time" in verdict.text
    asks = "to go on alone it must not fall below" if share == 0.05 else "the next step asks for"
    assert f"surely more than 58%; {asks} 60%" in verdict.text
    assert [figure.name for figure in verdict.figures] == ["random_labels", "agreement"]


def test_a_gate_that_was_switched_off_is_no_longer_shown() -> None:
    history = History()
    in_force(history, ROLE_JUDGE, 2)
    history.take_gate(gate(AUTONOMY_ASSISTED, 0.25))
    revision = history.revision
    history.take_gate(GateState(standard_id=STANDARD, state=AUTONOMY_UNSPECIFIED, at=NOW))
    verdict = report(history).verdict
    assert "judge 2" in verdict.headline
    assert "asked to label" not in verdict.text
    assert not history.gates
    assert history.revision > revision


def test_a_gate_without_a_judge_says_how_many_labels_are_missing() -> None:
    history = History()
    waiting = gate(AUTONOMY_LEARNING, 1)
    waiting.judge_version = 0
    history.take_gate(waiting)
    assert "10 more pairs" in report(history).verdict.text


def test_a_judge_of_another_standard_is_not_this_ones() -> None:
    history = History()
    in_force(history, ROLE_JUDGE, 2)
    history.take_gate(gate(AUTONOMY_AUTONOMOUS, 0.05))
    other = shop_standard()
    other.standard_id = "returns"
    found = status_report(history, other, waiting=0, marks_wanted=20, now=NOW)
    assert not found.verdict.good
    assert found.judges == []


CANNED = "I am sorry to hear that."


@pytest.mark.parametrize(
    ("texts", "told"),
    [(("It leaks at the lid.", CANNED), "0%"), ((CANNED, CANNED), "100%")],
)
def test_a_canned_reply_is_told(texts: tuple[str, str], told: str) -> None:
    history = History()
    for name, text in zip(("kettle", "lamp"), texts, strict=True):
        judged = group(name, [text], judge_version=1, standard_id=STANDARD)
        judged.group.prompt.messages.add(role="user", content=f"My {name} leaks.")
        history.add_group(judged, NOW)
        tiles = {tile.label: tile.value for tile in report(history).tiles}
        shown = tiles.get("in common to new answers to different prompts")
        assert shown == (None if name == "kettle" else told)


def test_imported_votes_have_no_marks_to_count() -> None:
    history = History()
    for number in range(30):
        imported = label(f"g{number}")
        imported.ClearField("marks_a")
        imported.ClearField("marks_b")
        history.add_label(imported, NOW)
    found = report(history)
    assert "10 more pairs" in found.verdict.text
    assert found.rules == []


def test_imported_labels_are_no_work_that_was_done_here() -> None:
    history = History()
    days_of(history, NOW)
    before = report(history)
    for number in range(300):
        history.add_label(
            label(f"i{number}", reason=IMPORT, labeler="file", broken=(["polite"], ["polite"])), NOW
        )
    after = report(history)
    assert after.tiles == before.tiles
    assert after.rules == before.rules


def test_imported_marks_bring_the_first_judge_nearer() -> None:
    history = History()
    history.add_label(label("g", reason=IMPORT), NOW)
    assert "9 more pairs" in report(history).verdict.text


def test_numbers_rules_and_versions_of_a_system_that_runs() -> None:
    history = History()
    days_of(history, NOW)
    found = report(history)
    tiles = {tile.label: tile.value for tile in found.tiles}
    assert tiles["pairs labeled"] == "320"
    assert tiles["people who labeled"] == "3"
    assert tiles["pairs that wait for people"] == "7"
    assert tiles["labels per 1,000 of these answers"] == "500"
    names_product = found.rules[0]
    assert names_product.before > names_product.now > 0
    assert [row.status for row in found.judges] == ["in use", "was in use"]
    assert found.policies[0].status == "turned down"
    assert found.policies[0].reason == "A loss of 0.1 cannot be ruled out."
    assert all(plot.line and not plot.empty for plot in found.plots)


def test_labels_of_long_ago_do_not_count_as_the_price_of_what_is_graded_now() -> None:
    history = History()
    days_of(history, NOW)
    for number in range(50):
        history.add_label(label(f"old{number}"), NOW - 30 * DAY)
    tiles = {tile.label: tile.value for tile in report(history).tiles}
    assert tiles["pairs labeled"] == "370"
    assert tiles["labels per 1,000 of these answers"] == "500"


def test_few_labels_make_no_curve_and_no_comparison() -> None:
    history = History()
    for number in range(9):
        history.add_label(label(f"g{number}"), NOW)
    found = report(history)
    assert found.rules == []
    assert "10 pairs" in found.plots[0].empty


@pytest.fixture
async def house() -> House:
    house = House()
    await house.standards.put(shop_standard())
    return house


async def test_the_page_is_for_those_who_have_signed_in(house: House) -> None:
    history = History()
    days_of(history, NOW)
    visitor = Visitor(house, history=history)
    reply = await visitor.http.get("/status/shop-support", headers=HTML)
    assert reply.headers["location"] == "/sign-in"
    assert (await visitor.http.get("/status/shop-support/changes")).status_code == 401
    await visitor.sign_in("Ann")
    page = (await visitor.http.get("/status/shop-support")).text
    assert "Yes: judge 2 grades answers" in page
    assert page.count('<svg class="plot"') == 2
    assert (await visitor.http.get("/status/bank")).status_code == 404


async def test_what_a_gate_says_is_shown_as_text(house: House) -> None:
    history = History()
    evil = manifest(ROLE_JUDGE, 1)
    evil.gate_report.reason = "<script>alert(1)</script>"
    history.apply_weights(WeightsRecord(manifest=evil))
    visitor = Visitor(house, history=history)
    await visitor.sign_in("Ann")
    page = (await visitor.http.get("/status/shop-support")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


async def events(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    async for line in lines:
        if line.startswith("data: "):
            yield line.removeprefix("data: ")


async def test_changes_are_told_as_they_come_until_the_service_stops(house: House) -> None:
    history, closing = History(), asyncio.Event()
    app = labeling_app(
        house.standards,
        house.desk,
        house.pool,
        history,
        sessions_of(),
        closing,
        audit=house.audit,
        activity=house.activity,
        learner=house.learner,
        names=["127.0.0.1"],
    )
    server = WebServer("127.0.0.1", 0)
    visitor = Visitor.of(f"http://127.0.0.1:{await server.start(app)}")
    await visitor.sign_in("Ann")
    async with visitor.http.stream("GET", "/status/shop-support/changes") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        told = events(stream.aiter_lines())
        assert await anext(told) == "0"
        history.add_label(label("g"), NOW)
        assert await anext(told) == "1"
        closing.set()
        with pytest.raises(StopAsyncIteration):
            await anext(told)
    await server.drain(30)
    with pytest.raises(httpx.ConnectError):
        await visitor.http.get("/sign-in")
    await visitor.http.aclose()
