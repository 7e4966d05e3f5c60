"""An owner writes a standard in real Chromium."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from tests.integration.feedback.page.conftest import ServedPage
from tests.integration.feedback.page.looks import PHONE, SCHEMES
from tests.unit.feedback.judged import group

from ratchet.demo.shop_standard import shop_standard

ANSWERS = [
    "I am sorry that your kettle leaks at the handle. Please send us the order number.",
    "Kettles leak sometimes. We will refund you in full and send you a new one for free!!",
    "Thank you for your message",
]


def write_answers(served: ServedPage) -> None:
    for number, text in enumerate(ANSWERS):
        judged = group(f"h{number}", [text], standard_id="customer-support")
        judged.group.prompt.messages.add(role="user", content="My kettle leaks. What can I do?")
        served.history.add_group(judged, 1.0)


def test_a_keyboard_is_enough_to_write_a_standard(page: Page, served: ServedPage) -> None:
    served.call(lambda: write_answers(served))
    page.goto(f"{served.url}/edit-standard")
    page.evaluate("window.notReloaded = true")
    page.get_by_label("Title").focus()
    page.keyboard.type("Our letters")
    page.get_by_label("What every answer must do").focus()
    page.keyboard.type("The answer is short.")
    page.get_by_label("Who tells whether").focus()
    page.keyboard.type("I")
    page.get_by_label("Words, at most").wait_for()
    expect(page.locator("#criteria-0-check")).to_be_focused()
    page.get_by_label("Words, at most").focus()
    page.keyboard.type("soon")
    with page.expect_response("**/edit-standard"):
        page.keyboard.press("Enter")  # in a field it does nothing that cannot be taken back
    expect(page.locator("#editor [inert]")).to_have_count(0)
    page.get_by_role("button", name="Add a rule").focus()
    page.keyboard.press("Enter")
    page.locator("#criteria-1-sentence").wait_for()
    expect(page.locator("#criteria-1-sentence")).to_be_focused()
    page.keyboard.type("The answer is warm.")
    page.get_by_role("button", name="Move rule 2 up").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#criteria-0-sentence")).to_have_value("The answer is warm.")
    expect(page.locator("#criteria-0-sentence")).to_be_focused()
    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Enter")
    told = page.get_by_role("region", name="Nothing was saved: 1 thing to put right")
    expect(told).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#criteria-1-check-length-max_words")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("12")
    page.get_by_role("button", name="Try it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name="The answer is short. 2 of 3")).to_be_visible()
    assert page.evaluate("window.notReloaded") is True
    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Version 1 is saved")
    stored = served.call(lambda: served.house.standards.get("our-letters"))
    assert [each.criterion_id for each in stored.criteria] == ["is_warm", "is_short"]
    assert stored.criteria[1].check.length.max_words == 12


def test_nothing_typed_is_lost_with_the_connection(
    page: Page, served: ServedPage, context: BrowserContext
) -> None:
    page.goto(f"{served.url}/edit-standard?standard=shop-support")
    page.get_by_label("Title").fill("Anew")
    context.set_offline(True)
    page.get_by_role("button", name="Save as the next version").click()
    expect(page.get_by_role("status")).to_contain_text("No connection")
    context.set_offline(False)
    page.get_by_role("button", name="Save as the next version").click()
    expect(page.get_by_role("heading", name="Anew", exact=True)).to_be_visible()
    assert served.call(lambda: served.house.standards.get("shop-support")).title == "Anew"


def test_nothing_can_be_typed_that_the_answer_to_a_button_would_take_away(
    page: Page, served: ServedPage, context: BrowserContext
) -> None:
    page.goto(f"{served.url}/edit-standard?standard=shop-support")
    title = page.get_by_label("Title")
    title.fill("Anew")
    held: list[Route] = []
    page.route("**/edit-standard", lambda route: held.append(route))
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("status")).to_contain_text("Trying")
    title.focus()
    page.keyboard.type("lost")
    page.locator("#criteria-0-check").focus()
    expect(page.locator("#criteria-0-check")).not_to_be_focused()
    [request] = held
    request.continue_()
    page.unroute("**/edit-standard")
    expect(page.get_by_text("People and the judge decide them all")).to_be_visible()
    title.press("End")
    page.keyboard.type(" and kept")
    expect(title).to_have_value("Anew and kept")
    # Without an answer the form is as it was.
    context.set_offline(True)
    up = page.get_by_role("button", name="Move rule 2 up")
    up.click()
    expect(page.get_by_role("status")).to_contain_text("No connection")
    expect(up).to_be_focused()
    title.focus()
    expect(title).to_be_focused()


def test_a_kind_that_is_chosen_while_another_is_fetched_is_the_one_that_holds(
    page: Page, served: ServedPage
) -> None:
    page.goto(f"{served.url}/edit-standard?standard=shop-support")
    held: list[Route] = []
    page.route("**/edit-standard", lambda route: held.append(route))
    kind = page.locator("#criteria-0-check")
    with page.expect_request("**/edit-standard"):
        kind.select_option("length")
    kind.select_option("must_contain")
    with page.expect_request("**/edit-standard"):
        held[0].continue_()
    page.unroute("**/edit-standard")
    page.get_by_label("Phrases").wait_for()
    expect(kind).to_have_value("must_contain")


def test_who_leaves_is_warned_of_what_buttons_have_changed_too(
    page: Page, served: ServedPage
) -> None:
    warned: list[str] = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    for button, warnings in (
        ("Try it", []),
        ("Move rule 2 up", ["beforeunload"]),
        ("Add a rule", ["beforeunload"]),
    ):
        page.goto(f"{served.url}/edit-standard?standard=shop-support")
        with page.expect_response("**/edit-standard"):
            page.get_by_role("button", name=button).click()
        page.get_by_role("link", name="Leave without saving").click()
        page.wait_for_url("**/standards/shop-support")
        assert warned == warnings, button
        warned.clear()


def test_without_a_script_the_same_can_be_done(browser: Browser, served: ServedPage) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served.url)
    page.get_by_label("Your name").fill("Ann")
    page.get_by_role("button", name="Start").click()
    page.goto(f"{served.url}/edit-standard?standard=shop-support")
    page.locator("#criteria-9-check").select_option("length")
    page.locator("#rule-9").get_by_role("button", name="Show its fields").click()
    page.get_by_label("Sentences, at most").fill("3")
    page.get_by_role("button", name="Remove rule 1", exact=True).click()
    page.get_by_role("button", name="Save as the next version").click()
    expect(page.get_by_role("status")).to_contain_text("Version 2 is saved")
    expect(page.locator("del")).to_have_count(1)
    stored = served.call(lambda: served.house.standards.get("shop-support"))
    assert stored.criteria[8].check.length.max_sentences == 3
    context.close()


def test_each_page_is_accessible_and_fits_a_phone(
    page: Page, served: ServedPage, tmp_path: Path
) -> None:
    """Screenshots of what was looked at lie in the test's folder."""
    served.call(lambda: write_answers(served))
    served.call(lambda: served.house.submissions._marked.update({"shop-support": 240}))
    for name, go in (
        ("list", lambda: page.goto(f"{served.url}/standards")),
        ("tried", lambda: try_one(page, served)),
        ("changed", lambda: change(page, served)),
        ("read", lambda: page.goto(f"{served.url}/standards/shop-support?version=2")),
    ):
        page.emulate_media(color_scheme="light")
        go()
        for width, height in ((1280, 900), PHONE):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=tmp_path / f"{name}-{width}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        # Each colour is on one of these two.
        for scheme in SCHEMES if name in ("tried", "changed") else SCHEMES[:1]:
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page)
            assert found.violations_count == 0, f"{name}, {scheme}: {found.generate_report()}"
        page.screenshot(path=tmp_path / f"{name}-dark.png")


def try_one(page: Page, served: ServedPage) -> None:
    page.goto(f"{served.url}/edit-standard?from=customer-support")
    # Fewer rules have all there is to see, and are read sooner.
    for _ in range(4):
        rules = page.locator(".rule").count()
        page.get_by_role("button", name="Remove rule 5").click()
        expect(page.locator(".rule")).to_have_count(rules - 1)
    page.get_by_role("button", name="Try it").click()
    page.locator("summary", has_text="Kettles leak sometimes.").click()


def change(page: Page, served: ServedPage) -> None:
    """Everything at once: somebody was faster, fields are wrong, and marks would be lost."""
    page.goto(f"{served.url}/edit-standard?standard=shop-support")
    other = shop_standard()
    other.criteria[1].sentence = "Somebody else's words."
    served.do(served.house.standards.put(other))
    page.get_by_role("button", name="Remove rule 3").click()
    expect(page.locator(".rule")).to_have_count(9)
    page.get_by_role("button", name="Save as the next version").click()
    expect(page.get_by_text("Somebody else has saved version 2")).to_be_visible()
    page.locator("#criteria-0-check").select_option("python_cases")
    page.get_by_label("Cases").fill("f() is 1")
    page.get_by_role("button", name="Save as the next version").click()
    expect(page.get_by_role("region", name="Nothing was saved")).to_be_visible()
