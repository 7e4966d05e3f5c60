"""The judge named `candidate`: the newest version that waits to be proven."""

import asyncio
from collections.abc import Callable, MutableMapping

from ratchet.judge.judges.base import Judge
from ratchet.judge.judges.settings import CANDIDATE
from ratchet.judge.versions import JudgeVersion


class CandidatePlace:
    """Puts the candidate among the judges that can be named, and takes it out again.

    There is one at most. Who was admitted to the one before keeps it until the answer is there.

    Args:
        judges: those that can be named.
        judge_of: the judge of a version.
    """

    def __init__(
        self, judges: MutableMapping[str, Judge], judge_of: Callable[[JudgeVersion], Judge]
    ) -> None:
        """Must be made inside the event loop that uses the judges."""
        self._judges = judges
        self._judge_of = judge_of
        self._loop = asyncio.get_running_loop()

    def take(self, version: JudgeVersion | None) -> None:
        """From any thread; None: nothing waits to be proven. Takes effect on the next loop turn."""
        self._loop.call_soon_threadsafe(self._take, version)

    def _take(self, version: JudgeVersion | None) -> None:
        if version is None:
            self._judges.pop(CANDIDATE, None)
        else:
            self._judges[CANDIDATE] = self._judge_of(version)
