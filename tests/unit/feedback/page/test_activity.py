"""What is written down of what people do, and who may read it."""

from pathlib import Path

import grpc
import pytest
from tests.unit.feedback.page.visitor import HTML, Visitor, add_pairs, sessions_of
from tests.unit.feedback.test_grpc_servicer import House, refusal
from tests.unit.process.keys import write_keys

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.activity import KEPT, Activity
from ratchet.feedback.page.sign_in import NOBODYS_NAMES, RECORDS_AT_ONCE
from ratchet.process.keys_file import new_key
from ratchet.process.tenant_book import TenantBook
from ratchet.v1.audit_pb2 import AuditRecord
from ratchet.v1.feedback_service_pb2 import PutStandardRequest

TENANTS = '[tenants.crew]\n[tenants.owner]\nrole = "operator"\n'


@pytest.fixture
async def house() -> House:
    house = House()
    await house.standards.put(shop_standard())
    add_pairs(house, ("Sorry.", "Hello!"))
    return house


@pytest.fixture
def keys() -> dict[str, str]:
    """Of each tenant, by its name."""
    return {name: new_key(name) for name in ("crew", "owner")}


@pytest.fixture
def file(keys: dict[str, str], tmp_path: Path) -> Path:
    by_key = {key: name for name, key in keys.items()}
    return write_keys(tmp_path / "keys.toml", by_key, TENANTS)


async def done(house: House) -> list[tuple[str, str]]:
    """(actor, action), the oldest first."""
    await house.audit.drain()
    return [(record.actor, record.action) for record in reversed(house.activity.newest())]


async def test_activity_is_for_operators_and_a_labeler_is_told_so(
    house: House, keys: dict[str, str], file: Path
) -> None:
    ann, olga = (Visitor(house, sessions_of(TenantBook(file))) for _ in range(2))
    await ann.sign_in("Ann", keys["crew"])
    await olga.sign_in("Olga", keys["owner"])
    await house.audit.drain()
    refused = await ann.http.get("/activity/shop-support", headers=HTML)
    assert refused.status_code == 403
    assert "This is for operators" in refused.text
    assert "Olga" not in refused.text
    assert "/activity/" not in (await ann.http.get("/status/shop-support")).text
    page = (await olga.http.get("/activity/shop-support", headers=HTML)).text
    assert page.index("Olga") < page.index("Ann<span"), "the newest first"
    assert "/activity/" in (await olga.http.get("/status/shop-support")).text


async def test_a_role_that_is_taken_away_is_gone_at_once(
    house: House, keys: dict[str, str], file: Path
) -> None:
    olga = Visitor(house, sessions_of(TenantBook(file)))
    await olga.sign_in("Olga", keys["owner"])
    assert (await olga.http.get("/activity/shop-support")).status_code == 200
    write_keys(file, {keys["owner"]: "owner"}, "[tenants.owner]\n")
    assert (await olga.http.get("/activity/shop-support")).status_code == 403
    assert (await olga.http.get("/label/shop-support")).status_code == 200


async def test_without_keys_everybody_is_an_operator(house: House) -> None:
    ann = Visitor(house)
    assert (await ann.http.get("/activity/shop-support", headers=HTML)).status_code == 303
    await ann.sign_in("Ann")
    assert (await ann.http.get("/activity/shop-support", headers=HTML)).status_code == 200


async def test_coming_going_and_being_turned_away_are_written_down(
    house: House, keys: dict[str, str], file: Path
) -> None:
    ann = Visitor(house, sessions_of(TenantBook(file)))
    await ann.sign_in("Ann", "rk_crew_guessed")
    await ann.sign_in("Ann", keys["crew"])
    await ann.http.post("/sign-out", data={"csrf_token": ann.token})
    assert await done(house) == [
        ("Ann", "page.sign-in-refused"),
        ("Ann", "page.sign-in"),
        ("Ann", "page.sign-out"),
    ]
    for _ in range(2 * RECORDS_AT_ONCE):
        await ann.sign_in("Eve", "rk_crew_guessed")
    actions = [action for actor, action in await done(house) if actor == "Eve"]
    assert len(actions) <= RECORDS_AT_ONCE, "a stranger must not fill the topic"


async def test_the_key_is_written_down_beside_the_name_and_shown(
    house: House, keys: dict[str, str], file: Path
) -> None:
    ann, olga = (Visitor(house, sessions_of(TenantBook(file))) for _ in range(2))
    await ann.sign_in("Olga", keys["crew"])
    await olga.sign_in("Olga", keys["owner"])
    await olga.http.post("/sign-out", data={"csrf_token": olga.token})
    await house.audit.drain()
    assert {(record.action, record.via) for record in house.activity.newest()} == {
        ("page.sign-in", "crew"),
        ("page.sign-in", "owner"),
        ("page.sign-out", "owner"),
    }
    await olga.sign_in("Olga", keys["owner"])
    await house.audit.drain()
    page = (await olga.http.get("/activity/shop-support")).text
    assert page.count("by owner") == 3 and page.count("by crew") == 1


@pytest.mark.parametrize("name", [*NOBODYS_NAMES, "Gate", "\uff47ate"])
async def test_nobody_goes_by_a_name_of_the_systems_own(house: House, name: str) -> None:
    reply = await Visitor(house).sign_in(name)
    assert reply.status_code == 400
    assert "Your name is one that the system itself goes by" in reply.text
    assert await done(house) == []


async def test_who_comes_and_goes_without_end_does_not_fill_the_topic(house: House) -> None:
    eve = Visitor(house)
    for _ in range(RECORDS_AT_ONCE):
        assert (await eve.sign_in("Eve")).status_code == 303
        await eve.http.post("/sign-out", data={"csrf_token": eve.token})
    assert len(await done(house)) <= RECORDS_AT_ONCE + 1


async def test_a_standard_that_cannot_be_written_down_is_not_stored(house: House) -> None:
    stub = await house.open()
    changed = shop_standard()
    changed.criteria[0].weight += 1
    house.kafka.is_down = True
    code, _ = await refusal(stub.PutStandard(PutStandardRequest(standard=changed)))
    assert code == grpc.StatusCode.UNAVAILABLE
    house.kafka.is_down = False
    assert (await stub.PutStandard(PutStandardRequest(standard=changed))).standard.version == 2
    asked, stored = await done(house)
    assert asked[0].startswith("ipv4:127.0.0.1:") and asked[1] == "standard.put.asked"
    assert stored == (asked[0], "standard.put")
    assert house.activity.newest()[0].detail == "shop-support version 2"
    assert (await stub.PutStandard(PutStandardRequest(standard=changed))).standard.version == 2
    assert len(await done(house)) == 2, "nothing was changed"
    await house.close()


async def test_signing_in_waits_for_no_broker(house: House) -> None:
    house.kafka.is_down = True
    assert (await Visitor(house).sign_in("Ann")).status_code == 303
    assert await done(house) == []


async def test_what_a_person_typed_is_shown_as_text(house: House) -> None:
    ann = Visitor(house)
    await ann.sign_in("<b>Ann</b>")
    await house.audit.drain()
    page = (await ann.http.get("/activity/shop-support")).text
    assert "<b>Ann" not in page and "&lt;b&gt;Ann" in page


def test_however_many_come_and_go_what_was_done_is_kept() -> None:
    activity = Activity()
    deed = AuditRecord(actor="gate", at=1, action="gate.fell")
    activity.add(deed)
    for second in range(2, 2 * KEPT):
        activity.add(AuditRecord(actor="Eve", at=second, action="page.sign-in"))
    assert activity.newest()[-1] == deed
    assert len(activity.newest()) == KEPT + 1


def test_the_newest_are_kept_each_once() -> None:
    activity = Activity()
    for second in range(KEPT + 5):
        for _ in range(2):
            activity.add(AuditRecord(actor="Ann", at=second, action="page.sign-in"))
    assert [record.at for record in activity.newest()] == list(range(KEPT + 4, 4, -1))
