"""What labelers sent. A preference is accepted once Kafka has acknowledged it, and only once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from ratchet.feedback import metrics
from ratchet.feedback.comparison_pool import ComparisonPool
from ratchet.feedback.pairs import IMPORT
from ratchet.standard.marked_answers import marked_answers
from ratchet.v1.preference_pb2 import Preference


class SubmissionIdReused(ValueError):
    """The submission id belongs to another preference."""


class AlreadyLabeled(ValueError):
    """The labeler has labeled this pair under another submission id."""


class Submissions:
    """Idempotent by submission id. Its state is what the `preferences` topic holds."""

    def __init__(
        self, pool: ComparisonPool, write: Callable[[Preference], Awaitable[None]]
    ) -> None:
        """`write` returns once the preference is safe, and raises where that is not known."""
        self._pool = pool
        self._write = write
        self._accepted: dict[str, tuple[str, str]] = {}  # submission id -> (pair id, labeler)
        self._marked: Counter[str] = Counter()
        self._under_way: dict[asyncio.Task[None], Preference] = {}

    def marked_answers(self, standard_id: str) -> int:
        """Answers marked so far; an answer marked by two labelers counts twice."""
        return self._marked[standard_id]

    def restore(self, preference: Preference) -> None:
        """Notes a preference that the topic holds. Again changes nothing."""
        if preference.submission_id in self._accepted:
            return
        comparison = preference.comparison
        self._accepted[preference.submission_id] = comparison.pair_id, preference.labeler
        if comparison.picked_because != IMPORT:
            self._pool.label(comparison, preference.labeler)
        self._marked[comparison.standard_id] += len(marked_answers(preference))
        metrics.MARKED_ANSWERS.labels(comparison.standard_id).set(
            self._marked[comparison.standard_id]
        )

    async def accept(self, preference: Preference) -> bool:
        """Makes a preference safe; True where this submission had been accepted before.

        The write goes on when the caller gives up, so that its next try meets the outcome.

        Raises:
            SubmissionIdReused: the id was used for another pair or by another labeler.
            AlreadyLabeled: this labeler's word on the pair is in, under another id.
        """
        while earlier := self._rival(preference):
            await asyncio.wait({earlier})
        pair = preference.comparison.pair_id, preference.labeler
        accepted = self._accepted.get(preference.submission_id)
        if accepted is not None and accepted != pair:
            raise SubmissionIdReused
        if accepted is not None:
            return True
        if self._pool.has_labeled(*pair):
            raise AlreadyLabeled
        task = asyncio.create_task(self._deliver(preference))
        self._under_way[task] = preference
        task.add_done_callback(self._under_way.pop)
        await asyncio.shield(task)
        return False

    async def _deliver(self, preference: Preference) -> None:
        await self._write(preference)
        self.restore(preference)

    def _rival(self, preference: Preference) -> asyncio.Task[None] | None:
        """A write under way with the same id, or of the same labeler on the same pair."""
        for task, other in self._under_way.items():
            if other.submission_id == preference.submission_id or (
                other.labeler == preference.labeler
                and other.comparison.pair_id == preference.comparison.pair_id
            ):
                return task
        return None
