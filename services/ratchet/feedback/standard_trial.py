"""A standard's checks, run on some answers while its owner waits."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ratchet.feedback.recent_answers import RecentAnswer
from ratchet.standard.checks.any_check import StandardCheck
from ratchet.standard.checks.base import CheckFailed

TRIAL_SECONDS = 10.0
MOST_AT_ONCE = 2


@dataclass(frozen=True)
class Finding:
    """What a check says of an answer: it is met where there is neither fault nor error."""

    fault: str = ""
    """what is wrong with the answer"""
    error: str = ""
    """why the check could not tell"""


class TooManyTrials(Exception):
    """Others are being run; it is worth trying again in a moment."""


class StandardTrial:
    """Runs checks off the event loop, for a bounded time; programs in their sandbox.

    A program that is running when the time is over ends by the sandbox's own limits. Until then it
    counts as one of those that may be run at once. Threads are daemons: none holds up a stop.
    """

    def __init__(self, seconds: float = TRIAL_SECONDS) -> None:
        self._seconds = seconds
        self._running = 0

    async def run(
        self, checks: Sequence[StandardCheck], answers: Sequence[RecentAnswer]
    ) -> list[list[Finding]]:
        """Of each answer, what each check finds.

        Raises:
            TooManyTrials: as many as may be are being run.
        """
        if self._running >= MOST_AT_ONCE:
            raise TooManyTrials
        self._running += 1
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        deadline = time.monotonic() + self._seconds
        found: list[list[Finding]] = [[] for _ in answers]

        def work() -> None:
            try:
                for findings, answer in zip(found, answers, strict=True):
                    for check in checks:
                        if time.monotonic() > deadline:
                            return
                        findings.append(_finding(check, answer))
            finally:
                with contextlib.suppress(RuntimeError):  # The loop is closed: nobody waits.
                    loop.call_soon_threadsafe(end)

        def end() -> None:
            self._running -= 1
            done.set()

        threading.Thread(target=work, name="standard-trial", daemon=True).start()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), self._seconds)
        late = Finding(error=f"not tried: the {self._seconds:g} s for a trial were over")
        return [
            [*findings, *[late] * (len(checks) - len(findings))]
            for findings in [list(each) for each in found]
        ]


def _finding(check: StandardCheck, answer: RecentAnswer) -> Finding:
    try:
        return Finding(fault=check.fault(answer.prompt, answer.text))
    except CheckFailed as error:
        return Finding(error=str(error))
