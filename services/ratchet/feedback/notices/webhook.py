"""Notices as JSON, posted to the owner's own service."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable

import httpx

from ratchet.feedback.notices.channel import Undelivered
from ratchet.feedback.notices.config import WebhookSettings
from ratchet.feedback.notices.notice import SUBJECTS, Notice
from ratchet.process.config import ConfigError

SIGNATURE = "X-Ratchet-Signature"
ANSWER_SECONDS = 10.0


class Webhook:
    """Posts `{"kind", "standard_id", "at", "subject", "text"}`; any 2xx is a receipt."""

    name = "webhook"
    way = "web hook"

    def __init__(self, settings: WebhookSettings, clock: Callable[[], float] = time.time) -> None:
        """`settings.url` must be set.

        Raises:
            ConfigError: the key cannot be read, or is empty.
        """
        assert settings.url is not None
        self._url = settings.url
        self._clock = clock
        self._key = b""
        if settings.key_file is not None:
            try:
                self._key = settings.key_file.read_bytes().strip()
            except OSError as error:
                raise ConfigError(
                    f"notices.webhook.key_file: {settings.key_file}: {error.strerror}"
                ) from None
            if not self._key:
                raise ConfigError(f"notices.webhook.key_file: {settings.key_file}: is empty")
        # A proxy is for what is not on this machine.
        self._http = httpx.AsyncClient(
            timeout=ANSWER_SECONDS, trust_env=self._url.startswith("https:")
        )

    async def deliver(self, notice: Notice) -> None:
        """Returns once it was received; raises Undelivered."""
        body = json.dumps(
            {
                "kind": notice.kind,
                "standard_id": notice.standard_id,
                "at": notice.at,
                "subject": SUBJECTS[notice.kind],
                "text": notice.text,
            }
        ).encode()
        headers = {"content-type": "application/json"}
        if self._key:
            headers[SIGNATURE] = signature(self._key, int(self._clock()), body)
        try:
            reply = await self._http.post(self._url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Undelivered(f"{type(error).__name__}: {error}") from error
        if not reply.is_success:
            raise Undelivered(f"the answer was {reply.status_code}")

    async def close(self) -> None:
        """Disconnects."""
        await self._http.aclose()


def signature(key: bytes, at: int, body: bytes) -> str:
    """`t=SECONDS,v1=HEX`: HMAC-SHA256 of "SECONDS.BODY", so that an old post cannot come again."""
    digest = hmac.digest(key, f"{at}.".encode() + body, hashlib.sha256).hex()
    return f"t={at},v1={digest}"
