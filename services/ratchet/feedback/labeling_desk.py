"""Where a pair goes out to a labeler and a label comes in, whoever brings it: gRPC or the page."""

from collections.abc import Awaitable, Callable

from ratchet.feedback import metrics
from ratchet.feedback.comparison_pool import ComparisonPool
from ratchet.feedback.requests import check_marks, check_name, check_submission
from ratchet.feedback.standard_book import StandardBook
from ratchet.feedback.submissions import AlreadyLabeled, SubmissionIdReused, Submissions
from ratchet.process.errors import FailedPrecondition, FieldNotFound, InvalidField
from ratchet.v1.feedback_service_pb2 import (
    NextComparisonRequest,
    NextComparisonResponse,
    SubmitPreferenceRequest,
    SubmitPreferenceResponse,
)
from ratchet.v1.preference_pb2 import Comparison, Preference, Vote
from ratchet.v1.standard_pb2 import Standard


class LabelingDesk:
    """Answers labelers; everything that it promises is in Kafka before it replies."""

    def __init__(
        self,
        standards: StandardBook,
        pool: ComparisonPool,
        submissions: Submissions,
        write_offered: Callable[[Comparison], Awaitable[None]],
    ) -> None:
        """`write_offered` returns once the pair is safe, so that a restart knows it."""
        self._standards = standards
        self._pool = pool
        self._submissions = submissions
        self._write_offered = write_offered

    async def next_comparison(self, request: NextComparisonRequest) -> NextComparisonResponse:
        """Leases a pair to the labeler.

        Raises:
            InvalidField: the labeler or the standard's id is no name.
            FieldNotFound: there is no such standard, or (field `labeler`) no pair waits.
            Unavailable: Kafka did not acknowledge the pair; nothing is leased.
        """
        check_name("labeler", request.labeler)
        newest = self.newest_standard("standard_id", request.standard_id)
        offer = self._pool.offer(request.standard_id, request.labeler, newest.version)
        if offer is None:
            raise FieldNotFound("labeler", "no comparison waits for this labeler; ask again later")
        try:
            if offer.is_new:
                await self._write_offered(offer.comparison)
        except BaseException:  # also when the caller gives up
            self._pool.withdraw(offer)
            raise
        metrics.COMPARISONS_OFFERED.labels(offer.comparison.picked_because).inc()
        return NextComparisonResponse(
            comparison=offer.comparison,
            standard=self._standard_of(offer.comparison),
            lease_expires_at=offer.expires_at,
            marked_answers=self._submissions.marked_answers(request.standard_id),
        )

    async def submit(self, request: SubmitPreferenceRequest) -> SubmitPreferenceResponse:
        """Accepts a vote and marks, also when the lease has run out: no work is thrown away.

        Raises:
            InvalidField: a field is wrong, or `submission_id` belongs to another preference.
            FieldNotFound: the pair was never offered.
            FailedPrecondition: this labeler has labeled the pair under another id.
            Unavailable: Kafka did not acknowledge the label; it may be sent again.
        """
        check_submission(request)
        comparison = self._pool.offered(request.pair_id)
        if comparison is None:
            raise FieldNotFound("pair_id", f"no pair {request.pair_id!r} was offered")
        standard = self._standard_of(comparison)
        check_marks("marks_a", request.marks_a.broken_criterion_ids, standard)
        check_marks("marks_b", request.marks_b.broken_criterion_ids, standard)
        preference = Preference(
            submission_id=request.submission_id,
            labeler=request.labeler,
            vote=request.vote,
            marks_a=request.marks_a,
            marks_b=request.marks_b,
            seconds=request.seconds,
            assisted=comparison.HasField("help"),
            comparison=comparison,
        )
        try:
            duplicate = await self._submissions.accept(preference)
        except SubmissionIdReused:
            raise InvalidField("submission_id", "belongs to another preference") from None
        except AlreadyLabeled:
            raise FailedPrecondition(
                f"{request.labeler!r} has labeled pair {request.pair_id!r} before"
            ) from None
        _count(preference, duplicate)
        return SubmitPreferenceResponse(
            duplicate=duplicate,
            marked_answers=self._submissions.marked_answers(comparison.standard_id),
        )

    def newest_standard(self, field: str, standard_id: str) -> Standard:
        """The newest version; raises InvalidField or FieldNotFound, which name the field."""
        check_name(field, standard_id)
        standard = self._standards.get(standard_id)
        if standard is None:
            raise FieldNotFound(field, f"no standard {standard_id!r}")
        return standard

    def marked_answers(self, standard_id: str) -> int:
        """Answers marked so far under this standard."""
        return self._submissions.marked_answers(standard_id)

    def _standard_of(self, comparison: Comparison) -> Standard:
        """The version under which a pair was first offered: a repeat is marked by the same."""
        standard = self._standards.get(comparison.standard_id, comparison.standard_version)
        if standard is None:
            raise FieldNotFound(
                "standard_id",
                f"no version {comparison.standard_version} of {comparison.standard_id!r}",
            )
        return standard


def _count(preference: Preference, duplicate: bool) -> None:
    if duplicate:
        metrics.PREFERENCES_REPEATED.inc()
        return
    metrics.PREFERENCES_ACCEPTED.labels(Vote.Name(preference.vote)).inc()
    metrics.LABELING_SECONDS.observe(preference.seconds)
    for marks in (preference.marks_a, preference.marks_b):
        for criterion_id in marks.broken_criterion_ids:
            metrics.BROKEN_MARKS.labels(preference.comparison.standard_id, criterion_id).inc()
