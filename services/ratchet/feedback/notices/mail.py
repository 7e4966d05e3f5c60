"""Notices by mail."""

import asyncio
import hashlib
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage

from ratchet.feedback.notices.channel import Refused, Undelivered
from ratchet.feedback.notices.config import MailSettings
from ratchet.feedback.notices.notice import SUBJECTS, Notice
from ratchet.process.config import ConfigError

ANSWER_SECONDS = 10.0


class Mail:
    """A message each to one address, by SMTP with STARTTLS.

    Of several addresses each has a `Mail` of its own, so that one that is refused costs the others
    nothing.
    """

    name = "mail"

    def __init__(self, settings: MailSettings, to: str) -> None:
        """`settings.host` must be set; `to` is one of `settings.to`.

        Raises:
            ConfigError: `ca` cannot be read.
        """
        assert settings.host is not None
        self._settings = settings
        self._to = to
        self.way = f"mail to {to}"
        try:
            cafile = str(settings.ca) if settings.ca else None
            self._tls = ssl.create_default_context(cafile=cafile) if settings.starttls else None
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"notices.mail.ca: {settings.ca}: {error}") from None

    async def deliver(self, notice: Notice) -> None:
        """Returns once the server has taken it.

        Raises:
            Refused: the server will take none from this sender, or to this address.
            Undelivered: it did not take it now, or cannot be reached.
        """
        try:
            await asyncio.to_thread(self._send, self._message(notice))
        except (OSError, ValueError, smtplib.SMTPException) as error:
            fault = Refused if _is_for_good(error) else Undelivered
            raise fault(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        """Nothing is kept open."""

    def _message(self, notice: Notice) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self._settings.sender, self._to
        message["Subject"] = f"Ratchet: {SUBJECTS[notice.kind]}"
        message["Date"] = datetime.now(UTC)
        # The same at each try, so that one that arrives twice can be told.
        digest = hashlib.sha256(f"{notice.about} {notice.at!r}".encode()).hexdigest()[:32]
        domain = message["From"].addresses[0].domain
        message["Message-ID"] = f"<{digest}@{domain}>"
        standard = f"\n\nStandard: {notice.standard_id}" if notice.standard_id else ""
        message.set_content(f"{notice.text}{standard}\n")
        return message

    def _send(self, message: EmailMessage) -> None:
        settings = self._settings
        assert settings.host is not None
        with smtplib.SMTP(settings.host, settings.port, timeout=ANSWER_SECONDS) as server:
            if self._tls is not None:
                server.starttls(context=self._tls)
            if settings.username is not None and settings.password is not None:
                server.login(settings.username, settings.password.get_secret_value())
            server.send_message(message)


def _is_for_good(error: Exception) -> bool:
    """Whether the server has said so of the sender, the address or the message (5xx)."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _ in error.recipients.values()]
        case smtplib.SMTPSenderRefused() | smtplib.SMTPDataError():
            codes = [error.smtp_code]
        case _:
            return False
    return all(500 <= code < 600 for code in codes)
