"""Looks again and again whether something needs the owner."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from ratchet.feedback.learner_client import LearnerClient
from ratchet.feedback.notices.channel import Channel
from ratchet.feedback.notices.config import NoticeSettings
from ratchet.feedback.notices.mail import Mail
from ratchet.feedback.notices.notifier import Notifier
from ratchet.feedback.notices.watch import Watch
from ratchet.feedback.notices.webhook import Webhook
from ratchet.process.errors import RpcFault
from ratchet.v1.standard_pb2 import Standard

LOOK_SECONDS = 10.0
ASK_SECONDS = 60.0
"""How often the learner is asked whether it has halted."""

log = logging.getLogger(__name__)


def channels_of(settings: NoticeSettings) -> list[Channel]:
    """Those that are set up, if any.

    Raises:
        ConfigError: a file of theirs cannot be read.
    """
    channels: list[Channel] = []
    if settings.webhook.url is not None:
        channels.append(Webhook(settings.webhook))
    if settings.mail.host is not None:
        channels += [Mail(settings.mail, to) for to in dict.fromkeys(settings.mail.to)]
    return channels


class Rounds:
    """One task; it never ends by itself."""

    def __init__(
        self,
        watch: Watch,
        notifier: Notifier,
        learner: LearnerClient,
        standards: Callable[[], Sequence[Standard]],
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`standards`: the newest version of each."""
        self._watch = watch
        self._notifier = notifier
        self._learner = learner
        self._standards = standards
        self._look_seconds = look_seconds
        self._asked_at = -ASK_SECONDS
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """From now on."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """What is being delivered is given up, and told after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._notifier.close()

    async def _run(self) -> None:
        while True:
            try:
                await self._look()
            except Exception:  # nobody would miss this task
                log.exception("what needs the owner cannot be told now")
            await asyncio.sleep(self._look_seconds)

    async def _look(self) -> None:
        if self._learner.is_known and time.monotonic() - self._asked_at >= ASK_SECONDS:
            self._asked_at = time.monotonic()
            try:
                progress = await self._learner.progress()
            except RpcFault as fault:
                log.warning("whether it has halted is not known: %s", fault)
            else:
                self._watch.see_halted(progress.halted, time.time())
        now = time.time()
        self._notifier.tell(self._watch.needed(self._standards(), now), now)
