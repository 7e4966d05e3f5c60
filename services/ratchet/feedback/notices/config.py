"""Settings of the notices, `[notices]`."""

from email.errors import InvalidHeaderDefect
from email.headerregistry import AddressHeader, HeaderRegistry
from pathlib import Path
from typing import Annotated, Self

import httpx
from pydantic import AfterValidator, Field, SecretStr, model_validator

from ratchet.process.config import Settings, is_loopback


def _one_address(text: str) -> str:
    """Raises ValueError for what no mail can be sent to; a name before the address is let pass."""
    try:
        header = HeaderRegistry()("to", text)
    except IndexError:  # How the library fails at some texts that end too early, such as "Olga@".
        raise ValueError("is no mail address") from None
    assert isinstance(header, AddressHeader)
    is_whole = len(header.addresses) == 1 and all(
        address.username and address.domain for address in header.addresses
    )
    is_wrong = any(isinstance(defect, InvalidHeaderDefect) for defect in header.defects)
    if not (is_whole and text.isprintable()) or is_wrong:
        raise ValueError("is no mail address")
    return text


MailAddress = Annotated[str, AfterValidator(_one_address)]


class WebhookSettings(Settings):
    """Where notices are posted, `[notices.webhook]`."""

    url: str | None = None
    """https, or http on this machine; unset: nothing is posted"""
    key_file: Path | None = None
    """holds the secret that signs what is posted; unset: it is not signed"""

    @model_validator(mode="after")
    def _closed_to_listeners(self) -> Self:
        if self.url is None:
            return self
        try:
            url = httpx.URL(self.url)
        except httpx.InvalidURL:  # Its words may hold a part of the URL, which is a secret.
            raise ValueError("url: is no URL") from None
        if any(letter.isspace() for letter in self.url):
            raise ValueError("url: holds white space")
        loopback = url.scheme == "http" and is_loopback(url.host)
        if not (url.host and (url.scheme == "https" or loopback)):
            raise ValueError("url: must be https, or http on this machine's loopback")
        return self


class MailSettings(Settings):
    """Where notices are mailed, `[notices.mail]`."""

    host: str | None = None
    """the SMTP server; unset: nothing is mailed"""
    port: Annotated[int, Field(gt=0, lt=65536)] = 587
    sender: MailAddress = "ratchet@localhost"
    """address in From"""
    to: tuple[MailAddress, ...] = ()
    """addresses of those who are told, each by a mail of its own"""
    starttls: bool = True
    """TLS after the greeting; without it only a server on this machine is talked to"""
    ca: Path | None = None
    """who may sign the server's certificate, PEM; unset: those that the system trusts"""
    username: str | None = None
    """who logs in; unset: nobody does"""
    password: SecretStr | None = None
    """best given through the environment"""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.host is None:
            return self
        if not self.to:
            raise ValueError("to: names nobody")
        if not self.starttls and not is_loopback(self.host):
            raise ValueError("starttls: may be off for a server on this machine's loopback alone")
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")
        return self


class NoticeSettings(Settings):
    """Who is told when something needs the owner."""

    quiet_hours: Annotated[float, Field(gt=0)] = 24.0
    """without a label while pairs wait, after which that is told"""
    webhook: WebhookSettings = WebhookSettings()
    mail: MailSettings = MailSettings()
