"""Owners read standards and write the next version, in a browser without a script."""

import re
import threading
from collections.abc import AsyncIterator, Sequence
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from tests.unit.feedback.judged import group
from tests.unit.feedback.page.visitor import HTML, Visitor, sessions_of
from tests.unit.feedback.test_grpc_servicer import House
from tests.unit.process.keys import write_keys

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.history import History
from ratchet.feedback.page.standard_text import ChangedLine, changes
from ratchet.process.keys_file import new_key
from ratchet.process.tenant_book import TenantBook
from ratchet.standard.standard_file import parse_standard, ready_made, standard_text
from ratchet.v1.standard_pb2 import Standard

FIRST = "criteria[0]"


class Form(HTMLParser):
    """What a browser would send of the editor as it is shown."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._inside, self._area, self._select = False, "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        self._inside = self._inside or have.get("id") == "editor"
        if not self._inside:
            return
        match tag:
            case "input" if have.get("type") != "checkbox" or "checked" in have:
                self.fields[have["name"]] = have["value"]
            case "textarea":
                self._area = have["name"]
                self.fields[self._area] = ""
            case "select":
                self._select = have["name"]
                self.fields[self._select] = ""
            case "option" if "selected" in have:
                self.fields[self._select] = have["value"]
            case _:
                pass

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            # A browser leaves out the line break behind the tag.
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._area = ""
        self._inside = self._inside and tag != "form"


class Owner(Visitor):
    async def editor(self, query: str = "?standard=shop-support") -> dict[str, str]:
        page = await self.http.get(f"/edit-standard{query}", headers=HTML)
        assert page.status_code == 200
        return Form(page.text).fields

    async def press(self, fields: dict[str, str], action: str) -> httpx.Response:
        return await self.http.post(
            "/edit-standard", data=fields | {"action": action}, headers=HTML
        )


def faults(page: httpx.Response) -> dict[str, str]:
    """Id of the element -> what stands beside it."""
    found = re.findall(r'<p class="wrong" id="([\w-]+)-wrong">([^<]*)</p>', page.text)
    return {name: unescape(words) for name, words in found}


@pytest.fixture
async def house() -> House:
    house = House()
    await house.standards.put(shop_standard())
    return house


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
async def owner(house: House, history: History) -> AsyncIterator[Owner]:
    owner = Owner(house, history=history)
    await owner.sign_in("Ann")
    yield owner
    await owner.http.aclose()


async def test_a_change_is_stored_as_the_next_version_and_the_old_one_stays(
    owner: Owner, house: House
) -> None:
    fields = await owner.editor()
    fields[f"{FIRST}.sentence"] = "The answer names the product by its full name."
    saved = await owner.press(fields, "save")
    assert saved.status_code == 303
    assert house.standards.get("shop-support", 1) == house.kafka.records[0]
    newest = house.standards.get("shop-support")
    assert newest is not None
    assert (newest.version, newest.criteria[0].sentence) == (2, fields[f"{FIRST}.sentence"])
    assert list(newest.criteria[1:]) == list(shop_standard().criteria[1:])
    page = await owner.http.get(saved.headers["location"], headers=HTML)
    assert "Version 2 is saved" in page.text
    [out] = re.findall("<del>.*?</del>", page.text)
    [put_in] = re.findall("<ins>.*?</ins>", page.text)
    assert "names the product that the customer" in out
    assert "by its full name" in put_in
    old = await owner.http.get("/standards/shop-support?version=1", headers=HTML)
    assert "names the product that the customer" in old.text
    await house.audit.drain()
    deeds = [(deed.actor, deed.action, deed.detail) for deed in house.activity.newest()[:2]]
    assert deeds == [
        ("Ann", "standard.put", "shop-support version 2"),
        ("Ann", "standard.put.asked", "shop-support"),
    ]


async def test_what_is_not_changed_makes_no_version(owner: Owner, house: House) -> None:
    page = await owner.press(await owner.editor(), "save")
    assert "Nothing has changed" in page.text
    assert len(house.standards.versions("shop-support")) == 1


@pytest.mark.parametrize("name", ready_made())
async def test_a_standard_to_start_from_goes_through_the_form_unchanged(
    owner: Owner, house: House, name: str
) -> None:
    fields = await owner.editor(f"?from={name}")
    assert (await owner.press(fields, "save")).status_code == 303
    expected = parse_standard(standard_text(name))
    expected.version = 1
    assert house.standards.get(name) == expected


async def test_every_fault_stands_beside_its_field_and_nothing_typed_is_lost(
    owner: Owner, house: House
) -> None:
    fields = await owner.editor()
    typed = {
        f"{FIRST}.sentence": " ",
        f"{FIRST}.check": "length",
        f"{FIRST}.check.length.max_words": "many",
        "criteria[1].check": "regex",
        "criteria[1].check.regex.pattern": "<b>(",
        "criteria[2].check": "length",
        "criteria[3].check": "python_cases",
        "criteria[3].check.python_cases.cases": "f() => 1\ng() => h()",
        "criteria[4].weight": "-1",
        "criteria[5].criterion_id": "7 days",
        "criteria[6].check": "must_contain",
        "criteria[7].check": "program",
        "criteria[7].check.program.code": "def nothing(): pass",
        "criteria[7].check.program.seconds": "31",
        # Of a kind that is not chosen now.
        "criteria[8].check.must_contain.phrases": "kept",
    }
    page = await owner.press(fields | typed, "save")
    assert page.status_code == 400
    assert faults(page) == {
        "criteria-0-sentence": "This is empty.",
        "criteria-0-check-length-max_words": "This is not a whole number.",
        "criteria-1-check-regex-pattern": "This is no pattern of RE2: missing ): <b>(.",
        "criteria-2-check": "This names no bound, such as max_words.",
        "criteria-3-check-python_cases-cases": (
            "Line 2: is no Python literal, such as 3, 'three' or [1, 2, 3]."
        ),
        "criteria-4-weight": "This must be above 0, is -1.",
        "criteria-5-criterion_id": "This needs a letter at its beginning.",
        "criteria-6-check-must_contain-phrases": "This is empty.",
        "criteria-7-check-program-code": "This defines no function check(prompt, answer).",
        "criteria-7-check-program-seconds": "This should be less than or equal to 30.",
    }
    again = Form(page.text).fields
    expected = fields | typed | {"criteria[5].criterion_id": "7_days"}
    assert {name: again[name] for name in expected} == expected
    assert "<b>" not in page.text
    assert len(house.standards.versions("shop-support")) == 1


async def test_rules_are_added_moved_and_removed_without_a_script(
    owner: Owner, house: House
) -> None:
    fields = await owner.editor("")
    fields |= {"title": "Häuser & Gärten", f"{FIRST}.sentence": "The answer is warm and short."}
    fields = Form((await owner.press(fields, "add")).text).fields
    fields["criteria[1].sentence"] = "The answer is warm and short, too."
    fields = Form((await owner.press(fields, "add")).text).fields
    fields["criteria[2].sentence"] = "Gone."
    fields = Form((await owner.press(fields, "remove 2")).text).fields
    fields = Form((await owner.press(fields, "up 1")).text).fields
    for nonsense in ("up 0", "down 1", "remove 9", "remove -1", "show", "", "up 99999999999"):
        fields = Form((await owner.press(fields, nonsense)).text).fields
    assert (await owner.press(fields, "save")).status_code == 303
    stored = house.standards.get("hauser-garten")
    assert stored is not None
    assert stored.title == "Häuser & Gärten"
    assert [(c.criterion_id, c.sentence) for c in stored.criteria] == [
        ("is_warm_and_short", "The answer is warm and short, too."),
        ("is_warm_and_short_2", "The answer is warm and short."),
    ]


async def test_who_comes_second_is_told_and_overwrites_nothing(owner: Owner, house: House) -> None:
    fields = await owner.editor()
    other = shop_standard()
    other.criteria[1].sentence = "Somebody else's words."
    await house.standards.put(other)
    fields[f"{FIRST}.sentence"] = "My words."
    page = await owner.press(fields, "save")
    assert page.status_code == 409
    assert "Somebody else has saved version 2 meanwhile" in page.text
    assert any("Somebody else&#39;s words" in line for line in re.findall("<del>.*", page.text))
    assert len(house.standards.versions("shop-support")) == 2
    again = Form(page.text).fields
    assert again[f"{FIRST}.sentence"] == "My words."
    # Now it is known, and may be meant.
    assert (await owner.press(again, "save")).status_code == 303
    assert [v.version for v in house.standards.versions("shop-support")] == [3, 2, 1]


async def test_versions_are_not_compared_where_everybody_else_waits(
    owner: Owner, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def compared(before: Standard, after: Standard) -> Sequence[ChangedLine]:
        threads.append(threading.current_thread())
        return changes(before, after)

    monkeypatch.setattr("ratchet.feedback.page.standards.changes", compared)
    fields = await owner.editor()
    other = shop_standard()
    other.title = "Anew"
    await house.standards.put(other)
    assert (await owner.press(fields | {"title": "Mine"}, "save")).status_code == 409
    await owner.http.get("/standards/shop-support", headers=HTML)
    assert len(threads) == 2
    assert threading.current_thread() not in threads


async def test_a_new_standard_takes_no_name_that_is_taken(owner: Owner, house: House) -> None:
    fields = await owner.editor("")
    fields |= {"standard_id": "shop-support", f"{FIRST}.sentence": "Mine."}
    page = await owner.press(fields, "save")
    assert faults(page) == {"standard_id": "There is a standard of this name: choose another."}
    assert len(house.standards.versions("shop-support")) == 1


async def test_without_kafka_nothing_typed_is_lost(owner: Owner, house: House) -> None:
    fields = await owner.editor()
    fields["title"] = "Anew"
    house.kafka.is_down = True
    page = await owner.press(fields, "save")
    assert page.status_code == 503
    assert Form(page.text).fields["title"] == "Anew"
    house.kafka.is_down = False
    assert (await owner.press(Form(page.text).fields, "save")).status_code == 303


async def test_that_marks_will_not_count_is_told_before_it_is_saved(
    owner: Owner, house: House
) -> None:
    house.submissions._marked["shop-support"] = 240
    fields = await owner.editor()
    fields[f"{FIRST}.sentence"] = "In other words."
    assert "learn anew" not in re.sub(r"\s+", " ", (await owner.press(fields, "show")).text)
    page = re.sub(r"\s+", " ", (await owner.press(fields, "remove 3")).text)
    assert "240 answers marked so far" in page
    assert "learn anew" in page


async def test_a_standard_is_tried_on_recent_answers_before_it_is_saved(
    owner: Owner, house: House, history: History
) -> None:
    for number, text in enumerate(["<i>Sorry</i> about that.", "Buy another one"]):
        judged = group(f"g{number}", [text], standard_id="shop-support")
        judged.group.prompt.messages.add(role="user", content="My kettle leaks.")
        history.add_group(judged, 1.0)
    fields = await owner.editor()
    fields |= {
        f"{FIRST}.check": "must_contain",
        f"{FIRST}.check.must_contain.phrases": "sorry",
        "criteria[1].check": "expression",
        "criteria[1].check.expression.expression": "len(answer) / 0 > 1",
        "criteria[2].check": "length",
    }
    page = await owner.press(fields, "try")
    text = re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", "", page.text)))
    assert "names the product that the customer wrote about. 1 of 2" in text
    assert "2 could not be told" in text
    assert 'It says none of "sorry"' in text
    assert "division by zero" in text
    assert "My kettle leaks." in text
    assert "Rules with something to put right were left out." in text
    assert "People and the judge decide: The answer says sorry once" in text
    assert "<i>" not in page.text
    assert list(faults(page)) == ["criteria-2-check"]
    assert Form(page.text).fields[f"{FIRST}.check.must_contain.phrases"] == "sorry"
    assert len(house.standards.versions("shop-support")) == 1


async def test_a_standard_is_tried_on_an_answer_of_ones_own(owner: Owner) -> None:
    fields = await owner.editor()
    fields |= {f"{FIRST}.check": "finished", "own_prompt": "", "own_answer": "It is not"}
    page = await owner.press(fields, "try")
    assert "does not end with the end of a sentence" in page.text
    assert Form(page.text).fields["own_answer"] == "It is not"


async def test_with_nothing_to_try_that_is_told(owner: Owner) -> None:
    fields = await owner.editor()
    assert "No rule has a check that could be run" in (await owner.press(fields, "try")).text
    fields[f"{FIRST}.check"] = "finished"
    assert "No answer was written yet" in (await owner.press(fields, "try")).text


async def test_pages_tell_what_is_there(owner: Owner) -> None:
    page = await owner.http.get("/standards", headers=HTML)
    for name in ready_made():
        assert f"/edit-standard?from={name}" in page.text
    assert "/standards/shop-support" in page.text
    assert "9 rules, 7 checked by a program" in page.text
    for missing in (
        "/standards/nothing",
        "/standards/shop-support?version=2",
        "/standards/shop-support?version=0",
        "/standards/shop-support?version=x",
        "/edit-standard?from=../x",
        "/edit-standard?standard=nothing",
    ):
        assert (await owner.http.get(missing, headers=HTML)).status_code == 404


async def test_other_sites_and_strangers_change_nothing(owner: Owner, house: House) -> None:
    fields = await owner.editor()
    fields["title"] = "Anew"
    wrong = fields | {"csrf_token": "x"}
    assert (await owner.press(wrong, "save")).status_code == 403
    owner.http.cookies.clear()
    assert (await owner.press(fields, "save")).headers["location"] == "/sign-in"
    assert (await owner.http.get("/standards", headers=HTML)).headers["location"] == "/sign-in"
    assert len(house.standards.versions("shop-support")) == 1


async def test_a_form_of_a_large_standard_is_taken_and_a_larger_one_is_not(
    owner: Owner, house: House
) -> None:
    fields = await owner.editor()
    code = "def check(prompt, answer):\n    return True\n" + "# ä\n" * 4000
    fields |= {f"{FIRST}.check": "program", f"{FIRST}.check.program.code": code}
    assert (await owner.press(fields, "save")).status_code == 303
    stored = house.standards.get("shop-support")
    assert stored is not None
    assert stored.criteria[0].check.program.code == code
    fields["own_answer"] = "ä" * 400_000
    assert (await owner.press(fields, "try")).status_code == 413


async def test_labelers_may_not_read_or_write_standards(house: House, tmp_path: Path) -> None:
    key = new_key("crew")
    book = TenantBook(write_keys(tmp_path / "keys.toml", {key: "crew"}, "[tenants.crew]\n"))
    bob = Owner(house, sessions_of(book))
    await bob.sign_in("Bob", key)
    for path in ("/standards", "/standards/shop-support", "/edit-standard"):
        assert (await bob.http.get(path, headers=HTML)).status_code == 403
    refused = await bob.press({"csrf_token": bob.token, "title": "x", "standard_id": "x"}, "save")
    assert refused.status_code == 403
    assert house.standards.get("x") is None
    await bob.http.aclose()
