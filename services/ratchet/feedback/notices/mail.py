"""Notices by mail."""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage

from ratchet.feedback.notices.channel import Undelivered
from ratchet.feedback.notices.config import MailSettings
from ratchet.feedback.notices.notice import SUBJECTS, Notice
from ratchet.process.config import ConfigError

ANSWER_SECONDS = 10.0


class Mail:
    """A message each, by SMTP with STARTTLS."""

    name = "mail"

    def __init__(self, settings: MailSettings) -> None:
        """`settings.host` must be set.

        Raises:
            ConfigError: `ca` cannot be read, or an address is none.
        """
        assert settings.host is not None
        self._settings = settings
        try:
            cafile = str(settings.ca) if settings.ca else None
            self._tls = ssl.create_default_context(cafile=cafile) if settings.starttls else None
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"notices.mail.ca: {settings.ca}: {error}") from None
        try:
            self._message(Notice(next(iter(SUBJECTS)), "", 0.0, ""))
        except ValueError as error:
            raise ConfigError(f"notices.mail: {error}") from None

    async def deliver(self, notice: Notice) -> None:
        """Returns once the server has taken it for everybody; raises Undelivered."""
        try:
            await asyncio.to_thread(self._send, self._message(notice))
        except (OSError, ValueError, smtplib.SMTPException) as error:
            raise Undelivered(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        """Nothing is kept open."""

    def _message(self, notice: Notice) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self._settings.sender, ", ".join(self._settings.to)
        message["Subject"] = f"Ratchet: {SUBJECTS[notice.kind]}"
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
            refused = server.send_message(message)
        if refused:
            raise Undelivered(f"refused for {', '.join(refused)}")
