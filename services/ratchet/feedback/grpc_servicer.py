"""FeedbackService over gRPC."""

import asyncio
from typing import Any

import grpc.aio

from ratchet.feedback.audit_log import AuditLog
from ratchet.feedback.labeling_desk import LabelingDesk
from ratchet.feedback.standard_book import StandardBook
from ratchet.process.errors import FieldNotFound, InvalidField
from ratchet.process.tenant import current_tenant
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

Context = grpc.aio.ServicerContext[Any, Any]


class FeedbackServicer(FeedbackServiceServicer):
    """Answers labelers and owners; what it promises is in Kafka before it replies."""

    def __init__(self, standards: StandardBook, desk: LabelingDesk, audit: AuditLog) -> None:
        self._standards = standards
        self._desk = desk
        self._audit = audit

    async def NextComparison(
        self, request: NextComparisonRequest, context: Context
    ) -> NextComparisonResponse:
        """Leases a pair to the labeler."""
        return await self._desk.next_comparison(request)

    async def SubmitPreference(
        self, request: SubmitPreferenceRequest, context: Context
    ) -> SubmitPreferenceResponse:
        """Accepts a vote and marks."""
        return await self._desk.submit(request)

    async def PutStandard(
        self, request: PutStandardRequest, context: Context
    ) -> PutStandardResponse:
        """Stores a new version, or finds that nothing has changed."""
        try:
            # Its patterns, schemas and expressions are compiled, which holds nobody else up here.
            await asyncio.to_thread(validate_standard, request.standard)
        except StandardError as error:
            raise InvalidField(f"standard.{error.field}", error.description) from None
        if same := self._standards.unchanged(request.standard):
            return PutStandardResponse(standard=same)
        tenant, peer = current_tenant().name, context.peer()
        actor, via = tenant or peer, peer if tenant else ""
        await self._audit.write(actor, "standard.put.asked", request.standard.standard_id, via)
        stored = await self._standards.put(request.standard)
        self._audit.note(
            actor, "standard.put", f"{stored.standard_id} version {stored.version}", via
        )
        return PutStandardResponse(standard=stored)

    async def GetStandard(
        self, request: GetStandardRequest, context: Context
    ) -> GetStandardResponse:
        """A version of a standard, the newest by default."""
        self._desk.newest_standard("standard_id", request.standard_id)
        standard = self._standards.get(request.standard_id, request.version)
        if standard is None:
            raise FieldNotFound("version", f"{request.standard_id!r} has no such version")
        return GetStandardResponse(standard=standard)
