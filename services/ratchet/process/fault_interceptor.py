"""Faults become statuses."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc_status import rpc_status

from ratchet.process import grpc_metrics
from ratchet.process.config import LimitSettings
from ratchet.process.errors import Malformed, RpcFault, TooLarge
from ratchet.process.tenant import current_tenant

Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Any]]
Handler = Callable[[Any, Any], Awaitable[Any]]
"""Of a request, or an iterator of them, and the call's context."""

ENTRY_BYTES = 32
"""What HTTP/2 adds for each entry of metadata (RFC 9113, 6.5.2)."""

log = logging.getLogger(__name__)


class FaultInterceptor(grpc.aio.ServerInterceptor):
    """Turns faults into rich statuses, and anything unforeseen into a logged INTERNAL."""

    def __init__(self, limits: LimitSettings) -> None:
        self._limits = limits
        self._wrapped: dict[str, Any] = {}

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        """Wraps the handlers. Bytes come in as they are, for parse errors and sizes to be told."""
        most, metadata = self._limits.max_metadata_bytes, handler_call_details.invocation_metadata
        found = sum(len(name) + len(value) + ENTRY_BYTES for name, value in metadata or ())
        if found > most:
            return refusing(TooLarge("metadata_size", found, most))
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        method = handler_call_details.method
        if handler.request_deserializer is None:  # One that refuses, made for this call alone.
            return self._wrap(method, handler)
        if method not in self._wrapped:
            self._wrapped[method] = self._wrap(method, handler)
        return self._wrapped[method]

    def _wrap(self, method: str, handler: Any) -> Any:
        async def answer(request: bytes, context: Any) -> Any:
            return await handler.unary_unary(self._decoded(handler, request), context)

        async def stream(request: bytes, context: Any) -> None:
            await _write(handler.unary_stream(self._decoded(handler, request), context), context)

        async def converse(requests: AsyncIterator[bytes], context: Any) -> None:
            async def decoded() -> AsyncIterator[Any]:
                async for request in requests:
                    yield self._decoded(handler, request)

            await _write(handler.stream_stream(decoded(), context), context)

        serializer = handler.response_serializer
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(_guarded(method, answer), None, serializer)
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(_guarded(method, stream), None, serializer)
        if handler.stream_stream is not None:
            return grpc.stream_stream_rpc_method_handler(
                _guarded(method, converse), None, serializer
            )
        return handler

    def _decoded(self, handler: Any, request: bytes) -> Any:
        if handler.request_deserializer is None:  # of a handler that refuses all
            return request
        if len(request) > self._limits.max_message_bytes:
            raise TooLarge("message_size", len(request), self._limits.max_message_bytes)
        try:
            return handler.request_deserializer(request)
        except DecodeError:
            raise Malformed("the request is no valid protobuf message") from None


async def _write(answers: Any, context: Any) -> None:
    """Waits for a handler that writes by itself, or writes what it yields."""
    if not isinstance(answers, AsyncIterator):
        await answers
        return
    async for each in answers:
        await context.write(each)


def _guarded(method: str, work: Handler) -> Handler:
    async def guarded(request: Any, context: Any) -> Any:
        try:
            return await work(request, context)
        except grpc.aio.AbortError:
            raise
        except RpcFault as fault:
            await _abort(context, fault)
        except Exception:
            log.exception("%s failed", method)
            await context.abort(grpc.StatusCode.INTERNAL, "internal error, see the log")

    return guarded


def refusing(fault: RpcFault) -> Any:
    """A handler for any method that answers with the fault; the request is not even read."""

    async def refuse(requests: AsyncIterator[bytes], context: Any) -> None:
        await _abort(context, fault)

    return grpc.stream_stream_rpc_method_handler(refuse)


async def _abort(context: Any, fault: RpcFault) -> None:
    if fault.limit:
        grpc_metrics.REFUSED.labels(fault.limit, current_tenant().name).inc()
    await context.abort_with_status(rpc_status.to_status(fault.status()))
