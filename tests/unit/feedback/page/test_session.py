"""Who gets in, and who cannot make a browser do what its owner did not want."""

import re
from pathlib import Path

import pytest
from starlette.routing import Route
from tests.unit.feedback.page.visitor import HTML, KEY, Visitor, add_pairs, sessions_of
from tests.unit.feedback.test_grpc_servicer import House

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.config import FeedbackSettings
from ratchet.feedback.page.seal import Seal, load_key
from ratchet.feedback.page.session import SESSION_SECONDS
from ratchet.process.config import ConfigError
from ratchet.process.keys_file import key_digest, new_key
from ratchet.process.tenant_book import TenantBook

IN_PATHS = {"standard_id": "shop-support", "role": "judge", "version": "1"}


@pytest.fixture
async def house() -> House:
    house = House()
    await house.standards.put(shop_standard())
    add_pairs(house, ("Sorry.", "Hello!"))
    return house


def keys_file(path: Path, *keys: str) -> Path:
    entries = [f'[[keys]]\ntenant = "shop"\nsha256 = "{key_digest(key).hex()}"\n' for key in keys]
    path.write_text("[tenants.shop]\n" + "".join(entries))
    return path


async def test_without_a_name_there_is_only_the_sign_in(house: House) -> None:
    visitor = Visitor(house)
    for path in ("/", "/label/shop-support"):
        reply = await visitor.http.get(path, headers=HTML)
        assert (reply.status_code, reply.headers["location"]) == (303, "/sign-in")
    assert (await visitor.post("/label/shop-support/next")).status_code == 401


async def test_a_name_signs_in_and_not_you_signs_out(house: House) -> None:
    visitor = Visitor(house)
    reply = await visitor.sign_in("  Ann\u0301  Lee ")
    cookie = reply.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    home = await visitor.http.get("/")
    assert home.headers["location"] == "/label/shop-support"
    page = (await visitor.http.get("/label/shop-support")).text
    assert 'data-labeler="An\u0144 Lee"' in page
    reply = await visitor.http.post("/sign-out", data={"csrf_token": visitor.token})
    assert reply.status_code == 303
    assert (await visitor.post("/label/shop-support/next")).status_code == 401


async def test_over_tls_cookies_stay_there(house: House) -> None:
    reply = await Visitor(house, sessions_of(over_tls=True)).http.get("/sign-in")
    assert "secure" in reply.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("name", "told"),
    [("", "is empty"), (" \t", "is empty"), ("x" * 61, "longer than 60"), ("a\x07b", "printed")],
)
async def test_a_name_that_is_none_is_told(house: House, name: str, told: str) -> None:
    reply = await Visitor(house).sign_in(name)
    assert reply.status_code == 400
    assert told in reply.text


async def test_a_name_is_shown_as_text(house: House) -> None:
    visitor = Visitor(house)
    await visitor.sign_in("<script>alert(1)</script>")
    page = (await visitor.http.get("/label/shop-support")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


async def test_every_post_asks_for_the_token_of_its_own_session(house: House) -> None:
    ann, bob = Visitor(house), Visitor(house)
    await ann.sign_in("Ann")
    await bob.sign_in("Bob")
    posts = [
        re.sub(r"\{(\w+)[^}]*\}", lambda part: IN_PATHS[part[1]], route.path)
        for route in ann.app.routes
        if isinstance(route, Route) and "POST" in (route.methods or ())
    ]
    assert len(posts) >= 4
    for token in ("", "x", bob.token):
        for path in posts:
            headers = {"x-csrf-token": token, "content-type": "application/json"}
            reply = await ann.http.post(path, content=b"{}", headers=headers)
            assert reply.status_code == 403, path
            reply = await ann.http.post(path, data={"csrf_token": token, "name": "Eve"})
            assert reply.status_code == 403, path


async def test_a_cookie_that_was_changed_or_is_of_another_key_opens_nothing(house: House) -> None:
    visitor = Visitor(house)
    await visitor.sign_in("Ann")
    cookie = visitor.http.cookies["ratchet_session"]
    forged = Seal(bytes(31) + b"x").seal("session", Seal(KEY).open("session", cookie) or b"")
    of_other_purpose = Seal(KEY).seal("form", Seal(KEY).open("session", cookie) or b"")
    for value in ("", ".", "x", "ä.ö", cookie[:-1], "A" + cookie[1:], forged, of_other_purpose):
        reply = await visitor.http.get(
            "/label/shop-support", headers={"cookie": f"ratchet_session={value}".encode()}
        )
        visitor.http.cookies.delete("ratchet_session")
        assert reply.status_code == 303, value


async def test_a_session_ends_after_a_month(house: House) -> None:
    now = [1000.0]
    visitor = Visitor(house, sessions_of(clock=lambda: now[0]))
    await visitor.sign_in("Ann")
    now[0] += SESSION_SECONDS - 1
    assert (await visitor.http.get("/label/shop-support")).status_code == 200
    now[0] += 2
    assert (await visitor.http.get("/label/shop-support")).status_code == 303


async def test_where_keys_are_asked_for_a_name_alone_does_not_do(
    house: House, tmp_path: Path
) -> None:
    key, other = new_key("shop"), new_key("shop")
    file = keys_file(tmp_path / "keys.toml", key)
    visitor = Visitor(house, sessions_of(TenantBook(file)))
    for wrong in ("", "rk_shop_x", other):
        reply = await visitor.sign_in("Ann", wrong)
        assert reply.status_code == 400
        assert "access key is not known" in reply.text
    assert (await visitor.sign_in("Ann", key)).status_code == 303
    assert (await visitor.post("/label/shop-support/next")).status_code == 200
    keys_file(file, other)
    # A key that is taken away ends the sessions that it began.
    assert (await visitor.post("/label/shop-support/next")).status_code == 401


async def test_headers_keep_other_sites_out_and_cookies_from_caches(house: House) -> None:
    visitor = Visitor(house)
    for path in ("/sign-in", "/static/label.js", "/nowhere"):
        headers = (await visitor.http.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] in ("no-store", "no-cache")


async def test_a_host_that_is_not_ours_is_refused(house: House) -> None:
    reply = await Visitor(house).http.get("/sign-in", headers={"host": "evil.test"})
    assert reply.status_code == 400


@pytest.mark.parametrize("host", ["[::1]:8054", "localhost:8054", "127.0.0.1"])
async def test_by_default_this_machine_is_reached_by_each_of_its_names(
    house: House, host: str
) -> None:
    names = FeedbackSettings(registry=Path("r")).page_names
    reply = await Visitor(house, names=names).http.get("/sign-in", headers={"host": host})
    assert reply.status_code == 200


async def test_no_page_has_a_script_or_a_style_in_it(house: House) -> None:
    visitor = Visitor(house)
    await visitor.sign_in("Ann")
    for path in ("/sign-in", "/label/shop-support"):
        page = (await visitor.http.get(path)).text
        assert not re.search(r"<style|style=|\son\w+=|https?://", page)
        assert all("src=" in tag for tag in re.findall("<script[^>]*>", page))


async def test_several_standards_are_offered_and_none_is_explained(house: House) -> None:
    visitor = Visitor(house)
    await visitor.sign_in("Ann")
    another = shop_standard()
    another.standard_id, another.title = "returns", "Returns & refunds"
    await house.standards.put(another)
    page = (await visitor.http.get("/")).text
    assert "Returns &amp; refunds" in page
    assert 'href="/label/shop-support"' in page
    empty = Visitor(House())
    await empty.sign_in("Ann")
    assert "There is no standard yet" in (await empty.http.get("/")).text


def test_the_key_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "page.key"
    key = load_key(path)
    assert load_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_key(None) != load_key(None)


@pytest.mark.parametrize("content", ["", "zz", "abcd", "é"])
def test_a_file_that_holds_no_key_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "page.key"
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"page_key_file: .*holds no key"):
        load_key(path)
    with pytest.raises(ConfigError, match="page_key_file"):
        load_key(tmp_path / "no" / "folder")
