"""FeedbackService over gRPC."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc.aio

from ratchet.feedback import metrics
from ratchet.feedback.comparison_pool import ComparisonPool
from ratchet.feedback.requests import check_marks, check_name, check_submission
from ratchet.feedback.standard_book import StandardBook
from ratchet.feedback.submissions import AlreadyLabeled, SubmissionIdReused, Submissions
from ratchet.process.errors import FailedPrecondition, FieldNotFound, InvalidField
from ratchet.standard.validation import StandardError, validate_standard
from ratchet.v1.feedback_service_pb2 import (
    GetStandardRequest,
    GetStandardResponse,
    NextComparisonRequest,
    NextComparisonResponse,
    PutStandardRequest,
    PutStandardResponse,
    SubmitPreferenceRequest,
    SubmitPreferenceResponse,
)
from ratchet.v1.feedback_service_pb2_grpc import FeedbackServiceServicer
from ratchet.v1.preference_pb2 import Comparison, Preference, Vote
from ratchet.v1.standard_pb2 import Standard

Context = grpc.aio.ServicerContext[Any, Any]


class FeedbackServicer(FeedbackServiceServicer):
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

    async def NextComparison(
        self, request: NextComparisonRequest, context: Context
    ) -> NextComparisonResponse:
        """Leases a pair to the labeler."""
        check_name("labeler", request.labeler)
        newest = self._standard("standard_id", request.standard_id)
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

    async def SubmitPreference(
        self, request: SubmitPreferenceRequest, context: Context
    ) -> SubmitPreferenceResponse:
        """Accepts a vote and marks, also when the lease has run out: no work is thrown away."""
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

    async def PutStandard(
        self, request: PutStandardRequest, context: Context
    ) -> PutStandardResponse:
        """Stores a new version, or finds that nothing has changed."""
        try:
            validate_standard(request.standard)
        except StandardError as error:
            raise InvalidField(f"standard.{error.field}", error.description) from None
        return PutStandardResponse(standard=await self._standards.put(request.standard))

    async def GetStandard(
        self, request: GetStandardRequest, context: Context
    ) -> GetStandardResponse:
        """A version of a standard, the newest by default."""
        self._standard("standard_id", request.standard_id)
        standard = self._standards.get(request.standard_id, request.version)
        if standard is None:
            raise FieldNotFound("version", f"{request.standard_id!r} has no such version")
        return GetStandardResponse(standard=standard)

    def _standard(self, field: str, standard_id: str) -> Standard:
        check_name(field, standard_id)
        standard = self._standards.get(standard_id)
        if standard is None:
            raise FieldNotFound(field, f"no standard {standard_id!r}")
        return standard

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
