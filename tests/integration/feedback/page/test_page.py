"""Labeling in real Chromium, as a person does it."""

import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.integration.feedback.page.conftest import ServedPage, settled, sign_in
from tests.integration.feedback.page.looks import check_looks
from tests.unit.feedback.critiqued import critiques, named
from tests.unit.feedback.happenings import days_of, in_force
from tests.unit.feedback.judged import group

from ratchet.feedback.pairs import Shares, pairs_of
from ratchet.feedback.requests import MAX_SECONDS
from ratchet.v1.feedback_service_pb2 import SubmitPreferenceRequest
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, VOTE_BOTH_BAD, VOTE_TIE
from ratchet.v1.weights_pb2 import ROLE_JUDGE


def shown(page: Page) -> tuple[str, str]:
    return page.locator("#first").inner_text(), page.locator("#second").inner_text()


def press(page: Page, key: str) -> None:
    settled(page)
    page.keyboard.press(key)


def flush(page: Page) -> None:
    """Leaves the page, as one who has finished: what was held is sent."""
    page.goto("about:blank")


def wait_for_labels(page: Page, served: ServedPage, count: int) -> list[Any]:
    for _ in range(200):
        if len(served.labels) >= count:
            break
        page.wait_for_timeout(25)
    assert len(served.labels) == count
    return served.labels


def winner(label: Any) -> str:
    """The text of the answer that the label prefers."""
    comparison = label.comparison
    return {VOTE_A: comparison.answer_a, VOTE_B: comparison.answer_b}[label.vote].text


def test_a_keyboard_is_enough(page: Page, served: ServedPage) -> None:
    first, _ = shown(page)
    page.keyboard.press("a")
    page.keyboard.press("c")
    page.keyboard.press("Shift+D")
    page.keyboard.press("c")  # again takes the tick off
    press(page, "1")
    settled(page)
    _, second = shown(page)
    press(page, "2")
    press(page, "=")
    press(page, "0")
    expect(page.get_by_role("heading", name="All done for now")).to_be_visible()
    expect(page.locator("#count-text")).to_have_text("4 of 80 pairs labeled")
    flush(page)
    labels = wait_for_labels(page, served, 4)
    assert [winner(label) for label in labels[:2]] == [first, second]
    assert [label.vote for label in labels[2:]] == [VOTE_TIE, VOTE_BOTH_BAD]
    of_first, of_second = labels[0].marks_a, labels[0].marks_b
    if labels[0].vote == VOTE_B:
        of_first, of_second = of_second, of_first
    assert list(of_first.broken_criterion_ids) == ["names_product"]
    assert list(of_second.broken_criterion_ids) == ["apologises_once"]
    assert all(label.labeler == "Ann" and label.seconds > 0 for label in labels)


def test_undo_brings_the_pair_back_with_its_ticks(page: Page, served: ServedPage) -> None:
    before = shown(page)
    page.keyboard.press("b")
    press(page, "1")
    settled(page)
    following = shown(page)
    assert following != before
    page.keyboard.press("u")
    settled(page)
    assert shown(page) == before
    expect(page.locator("#first-breaks-names_problem")).to_be_checked()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    press(page, "2")
    settled(page)
    assert shown(page) == following  # the pair that was put aside comes again
    flush(page)
    [label] = wait_for_labels(page, served, 1)
    assert winner(label) == before[1]


def test_a_lost_connection_loses_no_label(
    page: Page, served: ServedPage, context: BrowserContext
) -> None:
    context.set_offline(True)
    press(page, "1")
    expect(page.get_by_role("alert")).to_contain_text("No connection. 1 label is kept")
    context.set_offline(False)
    settled(page)
    expect(page.get_by_role("alert")).to_be_hidden()
    # Now the service is there, but Kafka is not.
    served.house.kafka.is_down = True
    press(page, "2")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    expect(page.get_by_role("alert")).to_contain_text("kept in this browser")
    page.reload()
    served.house.kafka.is_down = False
    labels = wait_for_labels(page, served, 2)
    assert len({label.submission_id for label in labels}) == 2


@pytest.mark.parametrize(
    ("status", "body"), [(404, "<h1>Not Found</h1>"), (400, '["no"]'), (200, "{}")]
)
def test_an_answer_that_is_not_the_services_own_loses_no_label(
    page: Page, served: ServedPage, status: int, body: str
) -> None:
    """It is from a proxy, or from another server on the port."""
    page.route("**/labels", lambda route: route.fulfill(status=status, body=body), times=1)
    press(page, "1")
    press(page, "2")
    expect(page.get_by_role("alert")).to_contain_text("No connection. 2 labels are kept")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    wait_for_labels(page, served, 2)


def test_a_refused_label_is_told_until_it_is_dismissed(page: Page, served: ServedPage) -> None:
    # The same labeler was faster elsewhere.
    taken = SubmitPreferenceRequest(
        pair_id=served.house.kafka.records[-1].pair_id,
        submission_id="elsewhere",
        labeler="Ann",
        vote=VOTE_TIE,
    )
    served.do(served.house.desk.submit(taken))
    press(page, "1")
    press(page, "1")
    told = page.get_by_role("alert")
    expect(told).to_contain_text("1 label could not be taken")
    press(page, "1")
    settled(page)
    wait_for_labels(page, served, 2)  # the second one, after which the notice is there still
    expect(told).to_contain_text("1 label could not be taken")
    page.get_by_role("button", name="Dismiss").focus()
    page.keyboard.press("Enter")
    expect(told).to_be_hidden()


def test_an_answer_that_was_lost_on_its_way_makes_no_second_label(
    page: Page, served: ServedPage
) -> None:
    answers_lost = []

    def lose(route: Any) -> None:
        if not answers_lost:
            route.fetch()
            answers_lost.append(route)
            route.abort()
        else:
            route.continue_()

    page.route("**/labels", lose)
    press(page, "1")
    with page.expect_response("**/labels") as second_try:
        press(page, "2")
    assert second_try.value.json()["duplicate"] is True
    assert len(served.labels) == 1


def test_a_reload_keeps_the_pair(page: Page) -> None:
    before = shown(page)
    page.reload()
    settled(page)
    assert shown(page) == before


def test_two_labelers_never_see_the_same_pair(
    page: Page, served: ServedPage, context: BrowserContext
) -> None:
    other = context.browser.new_context()
    bob = other.new_page()
    sign_in(bob, served, "Bob")
    assert set(shown(page)).isdisjoint(shown(bob))
    other.close()


def test_labels_wait_for_their_own_labeler(page: Page, served: ServedPage) -> None:
    served.house.kafka.is_down = True
    press(page, "1")
    page.get_by_role("button", name="Not you?").click()
    page.wait_for_url("**/sign-in")
    served.house.kafka.is_down = False
    page.get_by_label("Your name").fill("Bob")
    page.get_by_role("button", name="Start").click()
    settled(page)
    assert served.labels == []
    page.get_by_role("button", name="Not you?").click()
    page.get_by_label("Your name").fill("Ann")
    page.get_by_role("button", name="Start").click()
    [label] = wait_for_labels(page, served, 1)
    assert label.labeler == "Ann"


def test_model_text_is_text(page: Page, served: ServedPage) -> None:
    press(page, "1")
    press(page, "1")
    press(page, "1")
    press(page, "1")
    evil = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    served.call(lambda: served.house.pool.add(evil_pairs(evil)))
    page.wait_for_selector("#pair:not([hidden])")
    assert evil in shown(page)
    assert page.locator("#messages").inner_text() == f"{evil}\nsecond line"
    assert "owned" not in page.title()
    assert page.locator("#pair img, #pair script").count() == 0


def evil_pairs(evil: str) -> list[Any]:
    judged = group("evil", [evil, "Sorry."], standard_id="shop-support")
    judged.group.prompt.messages.add(role="user", content=f"{evil}\nsecond line")
    return pairs_of(judged, {}, Shares(0, 0))


def test_help_stands_beside_the_rules_of_both_answers_or_of_none(
    page: Page, served: ServedPage, tmp_path: Path
) -> None:
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator("#helper")).to_be_hidden()
    name = named(helped=True)[0]
    served.call(lambda: add_critiqued(served, name))
    press(page, "1")  # the newest policy's pair comes first
    settled(page)
    expect(page.locator("#helper")).to_contain_text("A helper that may err has read both answers")
    broken, kept = ("first", "second") if shown(page)[0] == "Breaks it." else ("second", "first")
    expect(page.locator(f"#{broken}-breaks-polite")).to_have_accessible_description(
        "look here (the helper thinks that it may break this rule)"
    )
    expect(page.locator(f"#{kept}-breaks-polite")).to_have_accessible_description("")
    expect(page.get_by_text("look here", exact=False)).to_have_count(2)  # the mark, and above it
    assert not page.locator(f"#{broken}-breaks-polite").is_checked()
    check_looks(page, "helped", tmp_path)
    press(page, "2")
    settled(page)
    expect(page.locator("#helper")).to_be_hidden()
    flush(page)
    assert [label.assisted for label in wait_for_labels(page, served, 2)] == [False, True]


def add_critiqued(served: ServedPage, name: str) -> None:
    judged = group(name, ["Breaks it.", "Keeps it."], policy_version=9, standard_id="shop-support")
    served.house.critiques.add(
        critiques(name, [["polite"], []], ["polite", "short"], standard_id="shop-support")
    )
    served.house.pool.add(pairs_of(judged, {}, Shares(0, 0)))


def test_help_opens_and_keys_can_be_turned_off(page: Page, served: ServedPage) -> None:
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="How to label")
    expect(help_).to_be_visible()
    page.keyboard.press("1")  # is not for the pair behind it
    help_.get_by_label("Use these keys").uncheck()
    help_.get_by_role("button", name="Close").click()
    before = shown(page)
    press(page, "1")
    page.reload()
    press(page, "2")
    assert shown(page) == before
    page.get_by_role("button", name="Second").click()
    settled(page)
    assert shown(page) != before


def test_a_key_that_is_held_down_labels_once(page: Page) -> None:
    settled(page)
    page.keyboard.down("1")
    settled(page)
    before = shown(page)
    page.keyboard.down("1")  # Chromium calls this one a repetition
    assert shown(page) == before
    page.keyboard.up("1")


def test_time_is_counted_while_the_page_is_seen(page: Page, served: ServedPage) -> None:
    page.clock.install()
    page.reload()
    page.clock.run_for(1000)
    settled(page)
    page.clock.run_for(20_000)
    set_hidden(page, True)
    page.clock.run_for(500_000)
    set_hidden(page, False)
    page.clock.run_for(5_000)
    page.keyboard.press("1")
    page.clock.run_for(1000)
    flush(page)
    [label] = wait_for_labels(page, served, 1)
    assert label.seconds == pytest.approx(25.5, abs=1.5)


def test_a_pair_that_was_seen_for_days_is_labeled_all_the_same(
    page: Page, served: ServedPage
) -> None:
    page.clock.install()
    page.reload()
    page.clock.run_for(1000)
    settled(page)
    page.clock.fast_forward("50:00:00")
    page.keyboard.press("1")
    page.clock.run_for(1000)
    flush(page)
    [label] = wait_for_labels(page, served, 1)
    assert label.seconds == MAX_SECONDS


def test_the_status_follows_what_happens_and_keeps_open_what_was_opened(
    page: Page, served: ServedPage
) -> None:
    served.call(lambda: in_force(served.history, ROLE_JUDGE, 1))
    page.get_by_role("link", name="Status").click()
    expect(page.get_by_role("heading", name="Yes: judge 1 grades answers")).to_be_visible()
    page.get_by_text("What was measured").click()
    page.evaluate("window.notReloaded = true")
    served.call(lambda: in_force(served.history, ROLE_JUDGE, 2))
    expect(page.get_by_role("heading", name="Yes: judge 2 grades answers")).to_be_visible()
    assert page.evaluate("window.notReloaded") is True
    expect(page.locator("#judge-1")).to_have_attribute("open", "")
    expect(page.locator("#judge-2")).not_to_have_attribute("open", "")


def set_hidden(page: Page, hidden: bool) -> None:
    page.evaluate(
        "value => { Object.defineProperty(document, 'hidden', {value, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


def test_each_page_is_accessible_and_fits_a_phone(
    page: Page, served: ServedPage, context: BrowserContext, tmp_path: Path
) -> None:
    """Screenshots of what was looked at lie in the test's folder."""
    page.emulate_media(reduced_motion="reduce")
    stops: list[tuple[str, Any]] = [
        ("label", lambda: page.keyboard.press("a")),
        ("help", lambda: page.keyboard.press("?")),
        ("empty", lambda: finish(page)),
        ("trouble", lambda: lose_kafka(page, served)),
        ("refused", lambda: refuse(page)),
        ("status_at_first", lambda: page.goto(f"{served.url}/status/shop-support")),
        ("status", lambda: run_for_days(page, served)),
        ("not_found", lambda: page.goto(f"{served.url}/label/nothing")),
        ("sign_in", lambda: (context.clear_cookies(), page.goto(f"{served.url}/sign-in"))),
        ("wrong_name", lambda: submit_blank(page)),
    ]
    for name, go in stops:
        go()
        check_looks(page, name, tmp_path)


def lose_kafka(page: Page, served: ServedPage) -> None:
    served.house.kafka.is_down = True
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    expect(page.get_by_role("alert")).to_contain_text("No connection. 1 label is kept")


def refuse(page: Page) -> None:
    message = {"message": "pair_id: 'g/0-1' is not known: it was never offered, or was lost"}
    page.route("**/labels", lambda route: route.fulfill(status=404, json=message), times=1)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("alert")).to_contain_text("1 label could not be taken")


def run_for_days(page: Page, served: ServedPage) -> None:
    served.call(lambda: days_of(served.history, time.time()))
    expect(page.get_by_role("heading", name="Yes: judge 2")).to_be_visible()
    page.get_by_text("What was measured").first.click()


def finish(page: Page) -> None:
    page.keyboard.press("Escape")
    for _ in range(4):
        press(page, "=")
    expect(page.get_by_role("heading", name="All done for now")).to_be_visible()


def submit_blank(page: Page) -> None:
    page.get_by_label("Your name").fill("  ")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_have_text("Your name is empty.")
