"""Notices arrive at real servers, signed and over TLS, or it is known that they did not."""

import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import trustme
from tests.unit.feedback.notices.post_office import Hook, MailServer
from tests.unit.feedback.test_grpc_servicer import House

from ratchet.feedback.config import FeedbackSettings
from ratchet.feedback.notices.channel import Refused, Undelivered
from ratchet.feedback.notices.config import MailSettings, NoticeSettings, WebhookSettings
from ratchet.feedback.notices.mail import Mail
from ratchet.feedback.notices.notice import GATE_FELL, Notice
from ratchet.feedback.notices.notifier import Notifier
from ratchet.feedback.notices.rounds import channels_of
from ratchet.feedback.notices.webhook import Webhook
from ratchet.process.config import ConfigError, load_settings

FELL = Notice(GATE_FELL, "shop-support", 1_790_000_000.0, "Judge 2 agrees too rarely: 5 € off.")


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    hook.url = await hook.open()
    yield hook
    await hook.close()


async def test_a_post_says_what_happened_and_who_knows_the_key_can_tell(
    hook: Hook, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("secret\n")
    settings = WebhookSettings(url=hook.url, key_file=tmp_path / "key")
    webhook = Webhook(settings, clock=lambda: 1_790_000_123.9)
    await webhook.deliver(FELL)
    await webhook.close()
    [(headers, body)] = hook.posts
    assert json.loads(body) == {
        "kind": "gate-fell",
        "standard_id": "shop-support",
        "at": FELL.at,
        "subject": "The judge has lost freedom",
        "text": FELL.text,
    }
    assert headers["content-type"] == "application/json"
    # As docs/notices.md tells the receiver to check it.
    time, given = (part.split("=")[1] for part in headers["x-ratchet-signature"].split(","))
    expected = hmac.new(b"secret", f"{time}.".encode() + body, hashlib.sha256).hexdigest()
    assert (time, given) == ("1790000123", expected)


async def test_without_a_key_a_post_is_not_signed(hook: Hook) -> None:
    webhook = Webhook(WebhookSettings(url=hook.url))
    await webhook.deliver(FELL)
    await webhook.close()
    assert "x-ratchet-signature" not in hook.posts[0][0]


@pytest.mark.parametrize("status", [302, 400, 500])
async def test_another_answer_than_2xx_is_no_receipt(hook: Hook, status: int) -> None:
    hook.statuses.append(status)
    webhook = Webhook(WebhookSettings(url=hook.url))
    with pytest.raises(Undelivered, match=f"the answer was {status}"):
        await webhook.deliver(FELL)
    await webhook.close()
    assert len(hook.posts) == 1, "a redirection is not followed"


async def test_a_hook_that_is_not_there_is_no_receipt(hook: Hook) -> None:
    await hook.close()
    webhook = Webhook(WebhookSettings(url=hook.url))
    with pytest.raises(Undelivered, match="ConnectError"):
        await webhook.deliver(FELL)
    await webhook.close()


async def test_a_url_that_only_the_client_refuses_is_no_receipt() -> None:
    webhook = Webhook(WebhookSettings.model_construct(url="https://h:port/"))
    with pytest.raises(Undelivered, match="InvalidURL"):
        await webhook.deliver(FELL)
    await webhook.close()


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return authority


def tls_of(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


OLGA = "Olga <olga@shop.test>"


def mail_of(port: int, **changed: object) -> Mail:
    return Mail(MailSettings(**{"host": "localhost", "port": port, "to": (OLGA,), **changed}), OLGA)


async def test_mail_goes_over_tls_and_nothing_of_it_in_the_clear(
    authority: trustme.CA, tmp_path: Path
) -> None:
    server = MailServer(tls_of(authority), ("olga", "pass"))
    port = await server.open()
    mail = mail_of(
        port, ca=tmp_path / "ca.pem", username="olga", password="pass", sender="r@shop.test"
    )
    await mail.deliver(FELL)
    [(to, message)] = server.mails
    assert to == ["olga@shop.test"]
    assert (message["From"], message["To"]) == ("r@shop.test", OLGA)
    assert message["Subject"] == "Ratchet: The judge has lost freedom"
    age = datetime.now(UTC) - parsedate_to_datetime(message["Date"])
    assert age.total_seconds() < 60
    text = message.get_payload(decode=True).decode()
    assert FELL.text in text and "Standard: shop-support" in text
    assert [line.split()[0].upper() for line in server.in_the_clear] == ["EHLO", "STARTTLS"]
    await server.close()


async def test_a_mail_server_that_strangers_signed_for_is_told_nothing(
    authority: trustme.CA,
) -> None:
    server = MailServer(tls_of(authority))
    mail = mail_of(await server.open())
    with pytest.raises(Undelivered, match="CERTIFICATE_VERIFY_FAILED"):
        await mail.deliver(FELL)
    assert server.mails == []
    await server.close()


async def test_a_mail_that_comes_twice_can_be_told_by_its_id() -> None:
    server = MailServer(None)
    mail = mail_of(await server.open(), starttls=False)
    later = replace(FELL, at=FELL.at + 1)
    for notice in (FELL, FELL, later):
        await mail.deliver(notice)
    first, again, other = (message["Message-ID"] for _, message in server.mails)
    assert first == again != other
    assert first.endswith("@localhost>")
    await server.close()


@pytest.mark.parametrize(
    ("answer", "fault"), [("550 nobody", Refused), ("450 not now", Undelivered)]
)
async def test_mail_that_is_refused_for_good_is_told_from_what_may_be_taken_later(
    answer: str, fault: type[Undelivered]
) -> None:
    server = MailServer(None)
    server.answers["olga@shop.test"] = answer
    mail = mail_of(await server.open(), starttls=False)
    with pytest.raises(Undelivered, match="olga@shop") as caught:
        await mail.deliver(FELL)
    assert type(caught.value) is fault
    await server.close()


async def test_one_address_that_takes_nothing_costs_the_others_neither_mail_nor_time() -> None:
    server, house = MailServer(None), House()
    server.answers = {"bob@shop.test": "450 not now", "cleo@shop.test": "550 nobody"}
    to = ("olga@shop.test", "bob@shop.test", "cleo@shop.test", "olga@shop.test")
    settings = MailSettings(host="localhost", port=await server.open(), to=to, starttls=False)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            server.answers.clear()

    notifier = Notifier(channels_of(NoticeSettings(mail=settings)), house.audit, sleep)
    notifier.tell([FELL], FELL.at)
    await notifier.settled()
    notifier.tell([FELL], FELL.at + 2 * 3600)
    await notifier.settled()
    assert sorted(to for [to], _ in server.mails) == ["bob@shop.test", "olga@shop.test"]
    assert waits == [1, 2, 4]
    await house.audit.drain()
    told = {record.via for record in house.activity.newest()}
    assert told == {"mail to olga@shop.test", "mail to bob@shop.test"}
    await server.close()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('webhook.url = "http://hook.test/"', "notices.webhook: url: must be https, or http on"),
        ('webhook.url = "ftp://127.0.0.1/"', "notices.webhook: url: must be https"),
        ('webhook.url = "https:///x"', "notices.webhook: url: must be https"),
        ('webhook.url = "https://h/x\\n"', "notices.webhook: url: is no URL"),
        ('webhook.url = "https://h/x "', "notices.webhook: url: holds white space"),
        ('webhook.url = "https://h:port/x"', "notices.webhook: url: is no URL"),
        ('mail = {host = "h", to = ["a@b", "Olga@"]}', "notices.mail.to.1: is no mail address"),
        ('mail = {host = "h", to = [""]}', "notices.mail.to.0: is no mail address"),
        ('mail = {host = "h", to = ["x y z"]}', "notices.mail.to.0: is no mail address"),
        ('mail = {host = "h", to = ["a@b, c@d"]}', "notices.mail.to.0: is no mail address"),
        ('mail = {host = "h", to = ["a@b\\nBcc: c@d"]}', "notices.mail.to.0: is no mail address"),
        ('mail.sender = "Ratchet"', "notices.mail.sender: is no mail address"),
        ('mail.host = "localhost"', "notices.mail: to: names nobody"),
        ('mail = {host = "mail.test", to = ["a@b"], starttls = false}', "notices.mail: starttls"),
        ('mail = {host = "h", to = ["a@b"], username = "a"}', "username and password go together"),
        ("quiet_hours = 0", "notices.quiet_hours"),
    ],
)
def test_settings_that_would_tell_listeners_or_nobody_are_refused(
    tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "feedback.toml"
    file.write_text(f'registry = "r"\n[notices]\n{text}\n')
    with pytest.raises(ConfigError, match=told):
        load_settings(FeedbackSettings, "feedback", file, {})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('webhook = {url = "https://h/", key_file = "/nowhere"}', "notices.webhook.key_file"),
        ('mail = {host = "h", to = ["a@b"], ca = "/nowhere"}', "notices.mail.ca: /nowhere"),
    ],
)
def test_files_that_cannot_be_read_are_told_at_the_start(
    tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "feedback.toml"
    file.write_text(f'registry = "r"\n[notices]\n{text}\n')
    settings = load_settings(FeedbackSettings, "feedback", file, {})
    with pytest.raises(ConfigError, match=told):
        channels_of(settings.notices)


def test_the_environment_may_hold_the_password(tmp_path: Path) -> None:
    file = tmp_path / "feedback.toml"
    file.write_text('registry = "r"\n[notices.mail]\nhost = "h"\nto = ["a@b"]\nusername = "a"\n')
    variables = {"RATCHET_FEEDBACK__NOTICES__MAIL__PASSWORD": "pass"}
    mail = load_settings(FeedbackSettings, "feedback", file, variables).notices.mail
    assert mail.password is not None and mail.password.get_secret_value() == "pass"
