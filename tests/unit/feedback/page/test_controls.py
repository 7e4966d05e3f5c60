"""Roll-back, promotion and pause on the page: for operators, told first, written down first."""

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import httpx
import pytest
from pydantic import ValidationError
from tests.unit.feedback.page.operated import OperatedLearner
from tests.unit.feedback.page.visitor import HTML, Visitor, sessions_of
from tests.unit.feedback.test_grpc_servicer import House
from tests.unit.process.certificates import Certificates
from tests.unit.process.keys import write_keys

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.config import LearnerSettings
from ratchet.feedback.history import History
from ratchet.feedback.learner_client import LearnerClient
from ratchet.process.config import ConfigError
from ratchet.process.keys_file import new_key
from ratchet.process.tenant_book import TenantBook
from ratchet.v1.weights_pb2 import ROLE_JUDGE

STATUS = "/status/shop-support"
CONTROL = "/control/shop-support"
USE_3, BACK, LEARNING = "/promote/judge/3", "/roll-back/policy", "/learning"


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
async def house() -> House:
    house = House()
    await house.standards.put(shop_standard())
    return house


@pytest.fixture
async def learner(house: House, history: History, tmp_path: Path) -> AsyncIterator[OperatedLearner]:
    learner = OperatedLearner(tmp_path / "registry", history)
    house.learner = await learner.start()
    yield learner
    await house.learner.close()
    await learner.stop()


class Operator(Visitor):
    async def look(self, action: str) -> httpx.Response:
        return await self.http.get(CONTROL + action, headers=HTML)

    async def press(self, action: str, page: httpx.Response | None = None) -> httpx.Response:
        """The button of a page, which is asked for where none is given."""
        page = page or await self.look(action)
        fields = dict(re.findall('type="hidden" name="([^"]+)" value="([^"]+)"', page.text))
        return await self.http.post(CONTROL + action, data=fields, headers=HTML)


@pytest.fixture
async def olga(house: House, history: History, learner: OperatedLearner) -> Operator:
    olga = Operator(house, history=history)
    await olga.sign_in("Ölga")
    await house.audit.drain()
    return olga


def words(page: httpx.Response) -> str:
    return html.unescape(page.text)


def written(house: House) -> list[tuple[str, str, str]]:
    return [(r.actor, r.action, r.detail) for r in reversed(house.activity.newest())][1:]


async def test_a_version_is_put_in_use_after_it_was_told_what_that_means(
    olga: Operator, learner: OperatedLearner, house: House
) -> None:
    assert f"{CONTROL}{USE_3}" in (await olga.http.get(STATUS)).text
    page = await olga.look(USE_3)
    assert "Judge 3 grades answers from now on, in place of judge 2" in words(page)
    assert "Its gate said: The bound of 3 is 0.6." in words(page)
    assert "No gate has proven it" in words(page)
    assert learner.state.judge.serving == 2, "a look changes nothing"
    reply = await olga.press(USE_3, page)
    assert (reply.status_code, reply.headers["location"]) == (303, STATUS)
    assert learner.state.judge.serving == learner.state.judge.floor == 3
    assert written(house) == [("Ölga", "weights.promote.asked", "judge 3 in place of 2")]
    # The learner knows for whom it was done.
    [command] = learner.obeyed
    assert (command.caller.name, command.action) == ("Ölga", "weights.promote")
    assert command.caller.via.startswith("ipv4:127.0.0.1:")
    # And the way back.
    await olga.press("/promote/judge/2")
    assert learner.state.judge.serving == 2


async def test_going_back_to_the_proven_version(
    olga: Operator, learner: OperatedLearner, house: House
) -> None:
    page = await olga.look(BACK)
    assert "The weights of policy 1 return under a new number, in place of policy 2" in words(page)
    await olga.press(BACK, page)
    assert learner.state.policy.serving == 3
    assert written(house) == [("Ölga", "weights.rollback.asked", "policy 2 to 1")]
    again = await olga.look(BACK)
    assert "there is nothing to go back to" in words(again)
    assert 'class="primary"' not in again.text


async def test_learning_is_paused_and_goes_on(
    olga: Operator, learner: OperatedLearner, house: House
) -> None:
    await olga.press(LEARNING)
    assert learner.state.paused
    assert "Learning is paused" in words(await olga.look(LEARNING))
    await olga.press(LEARNING)
    assert not learner.state.paused
    assert [action for _, action, _ in written(house)] == [
        "learner.pause.asked",
        "learner.resume.asked",
    ]


async def test_what_has_changed_since_it_was_told_is_not_done(
    olga: Operator, learner: OperatedLearner, house: House
) -> None:
    page, paused = await olga.look(USE_3), await olga.look(LEARNING)
    learner.promote(ROLE_JUDGE, 1)
    learner.pause()
    for action, seen in ((USE_3, page), (LEARNING, paused)):
        reply = await olga.press(action, seen)
        assert reply.status_code == 409
        assert "Things have changed since you were asked" in words(reply)
    assert learner.obeyed == []
    assert written(house) == []


async def test_what_has_changed_in_the_learner_alone_is_not_done_either(
    olga: Operator, learner: OperatedLearner
) -> None:
    judge, policy = learner.state.judge, learner.state.policy
    pages = [(USE_3, await olga.look(USE_3)), (BACK, await olga.look(BACK))]
    judge.promote(1)  # which the page's service has not heard of
    policy.promote(2)
    for action, page in pages:
        reply = await olga.press(action, page)
        assert reply.status_code == 409
        assert "is in use meanwhile" in words(reply)
    assert (judge.serving, policy.serving, learner.obeyed) == (1, 2, [])


async def test_what_cannot_be_written_down_is_not_done(
    olga: Operator, learner: OperatedLearner, house: House
) -> None:
    house.kafka.is_down = True
    for action in (USE_3, BACK, LEARNING):
        reply = await olga.press(action)
        assert reply.status_code == 503
        assert "This could not be written down, so nothing was done: no broker." in words(reply)
    assert learner.obeyed == []


async def test_a_labeler_is_shown_no_button_and_may_not_press_it(
    house: House, history: History, learner: OperatedLearner, tmp_path: Path
) -> None:
    key = new_key("crew")
    file = write_keys(tmp_path / "keys.toml", {key: "crew"}, "[tenants.crew]\n")
    ann = Operator(house, sessions_of(TenantBook(file)), history)
    await ann.sign_in("Ann", key)
    assert "/control/" not in (await ann.http.get(STATUS)).text
    for action in (USE_3, BACK, LEARNING):
        for reply in (
            await ann.look(action),
            await ann.http.post(
                CONTROL + action, data={"csrf_token": ann.token, "seen": "3"}, headers=HTML
            ),
        ):
            assert reply.status_code == 403
            assert "This is for operators" in words(reply)
    assert learner.obeyed == []


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("/promote/judge/9", "There is no judge 9 of this standard"),
        ("/promote/judge/99999999999999999999999", "There is no judge 9999"),
        (f"/promote/judge/{'9' * 5000}", "There is no judge 99999999999999999999 of this"),
        ("/promote/judge/-1", "There is no judge -1"),
        ("/promote/human/1", "There is no 'human', only judge and policy"),
        ("/roll-back/human", "There is no 'human'"),
    ],
)
async def test_what_is_not_there_is_told(olga: Operator, action: str, told: str) -> None:
    reply = await olga.look(action)
    assert reply.status_code == 404
    assert told in words(reply)


async def test_an_address_of_any_length_leads_a_stranger_to_the_sign_in(house: House) -> None:
    reply = await Operator(house).look(f"/promote/judge/{'9' * 5000}")
    assert (reply.status_code, reply.headers["location"]) == (303, "/sign-in")


async def test_a_version_that_is_no_longer_kept_has_no_button(
    olga: Operator, learner: OperatedLearner, tmp_path: Path
) -> None:
    (tmp_path / "registry/judge/000001").rename(tmp_path / "gone")
    page = await olga.look("/promote/judge/1")
    assert "Judge 1 is no longer kept" in words(page)
    assert 'class="primary"' not in page.text
    assert (await olga.press("/promote/judge/1", page)).status_code == 409


async def test_a_learner_that_cannot_be_reached_is_told(
    olga: Operator, learner: OperatedLearner
) -> None:
    page = await olga.look(USE_3)
    await learner.stop()
    reply = await olga.press(USE_3, page)
    assert reply.status_code == 503
    assert f"The learner cannot be reached at {learner.address}" in words(reply)
    assert "see that it runs" in words(reply)


async def test_without_an_address_nothing_is_offered(house: House, history: History) -> None:
    olga = Operator(house, history=history)
    await olga.sign_in("Olga")
    assert "/control/" not in (await olga.http.get(STATUS)).text
    reply = await olga.look(LEARNING)
    assert reply.status_code == 503
    assert "This page was not told where the learner is" in words(reply)


async def test_a_learner_that_asks_for_a_key_takes_the_services(
    history: History, tmp_path: Path
) -> None:
    key = new_key("feedback")
    file = write_keys(tmp_path / "keys.toml", {key: "feedback"}, "[tenants.feedback]\n")
    (tmp_path / "key").write_text(f"{key}\n")
    learner = OperatedLearner(tmp_path / "registry", history, file)
    client = await learner.start(tmp_path / "key")
    await client.pause("Olga")
    assert learner.state.paused
    stranger = LearnerClient(LearnerSettings(address=learner.address))
    with pytest.raises(Exception, match="the learner does not take this service's key"):
        await stranger.resume("Olga")
    assert learner.state.paused
    await client.close()
    await stranger.close()
    await learner.stop()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"address": "here"}, "learner.address: target 'here': not host:port"),
        ({"key_file": "/nowhere"}, "learner.key_file: /nowhere: No such file"),
        ({"key_file": "two words"}, "learner.key_file: .*two words: holds no API key"),
        ({"key_file": "empty"}, "learner.key_file: .*empty: holds no API key"),
        ({"ca": "/nowhere"}, "learner.ca: /nowhere: No such file"),
        ({"ca": "two words"}, "learner.ca: .*two words: .*no certificate"),
        (
            {"ca": "ca.pem", "certificate": "client.pem", "private_key": "server.key"},
            "learner: certificate .*client.pem, private_key .*server.key: .*(?i:mismatch)",
        ),
    ],
)
async def test_settings_that_make_no_sense_are_told_at_the_start(
    tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    Certificates(tmp_path)
    (tmp_path / "two words").write_text("rk_a\nrk_b\n")
    (tmp_path / "empty").touch()
    files = {name: tmp_path / file for name, file in settings.items() if name != "address"}
    with pytest.raises(ConfigError, match=told):
        LearnerClient(LearnerSettings(**{"address": "h:1", **settings, **files}))


@pytest.mark.parametrize("alone", ["certificate", "private_key"])
def test_a_certificate_and_its_key_go_together(alone: str) -> None:
    with pytest.raises(ValidationError, match="certificate and private_key go together"):
        LearnerSettings(ca=Path("ca"), **{alone: Path("file")})


async def test_a_learner_that_was_started_again_is_soon_found(
    learner: OperatedLearner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gRPC's own longest pause, two minutes, is not waited for."""
    options: list[tuple[str, object]] = []
    connect = grpc.aio.insecure_channel

    def channel(target: str, given: list[tuple[str, object]]) -> object:
        options.extend(given)
        return connect(target, given)

    monkeypatch.setattr(grpc.aio, "insecure_channel", channel)
    client = LearnerClient(LearnerSettings(address=learner.address))
    assert ("grpc.max_reconnect_backoff_ms", 3000) in options
    await client.progress()
    await client.close()
