"""What the checks of a version's standard say of answers, beside what its heads do."""

import asyncio
import math
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ratchet.judge.versions import JudgeVersion
from ratchet.reward.criterion_checks import CriterionChecks
from ratchet.reward.heads import Scores, Verdict
from ratchet.standard.checks.base import CheckFailed


class Checker:
    """Runs checks in threads of its own: programs that take long keep no model from its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="checks")

    def applies(self, version: JudgeVersion) -> bool:
        """Whether the version's standard has checks."""
        return bool(version.heads.checks)

    async def obeyed(
        self,
        version: JudgeVersion,
        scores: Scores,
        texts: Sequence[tuple[str, str]],
        deadline: float = math.inf,
    ) -> Scores:
        """The scores of n answers, where checks have told; raises TimeoutError after `deadline`.

        `texts`: of each answer the prompt's turns, a line each, and the answer.
        """
        loop = asyncio.get_running_loop()
        checks = version.heads.checks
        verdicts = (
            loop.run_in_executor(self._threads, _verdict, checks, prompt, answer, deadline)
            for prompt, answer in texts
        )
        return version.heads.obey(scores, await asyncio.gather(*verdicts))

    def close(self) -> None:
        """Lets go of its threads; no further call may come."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _verdict(checks: CriterionChecks, prompt: str, answer: str, deadline: float) -> Verdict:
    if time.monotonic() > deadline:
        raise TimeoutError
    try:
        return checks.broken_C(prompt, answer)
    except CheckFailed as error:
        return str(error)
