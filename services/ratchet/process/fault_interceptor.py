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

ENTRY_BYTES = 32
"""What HTTP/2 adds for each entry of metadata (RFC 9113, 6.5.2)."""

Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Any]]

log = logging.getLogger(__name__)


class FaultInterceptor(grpc.aio.ServerInterceptor):
    """Turns faults into rich statuses, and anything unforeseen into a logged INTERNAL."""

    def __init__(self, limits: LimitSettings) -> None:
        self._limits = limits

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        """Wraps unary handlers; streams (health, reflection) stay as they are."""
        most, metadata = self._limits.max_metadata_bytes, handler_call_details.invocation_metadata
        found = sum(len(name) + len(value) + ENTRY_BYTES for name, value in metadata or ())
        if found > most:
            return refusing(TooLarge("metadata_size", found, most))
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler

        async def guarded(request_bytes: bytes, context: Any) -> Any:
            try:
                if len(request_bytes) > self._limits.max_message_bytes:
                    raise TooLarge(
                        "message_size", len(request_bytes), self._limits.max_message_bytes
                    )
                return await handler.unary_unary(
                    handler.request_deserializer(request_bytes), context
                )
            except grpc.aio.AbortError:
                raise
            except RpcFault as fault:
                await _abort(context, fault)
            except DecodeError:
                await _abort(context, Malformed("the request is no valid protobuf message"))
            except Exception:
                log.exception("%s failed", handler_call_details.method)
                await context.abort(grpc.StatusCode.INTERNAL, "internal error, see the log")

        # Bytes come in as they are, so that a parse error gets a status of its own.
        return grpc.unary_unary_rpc_method_handler(
            guarded, request_deserializer=None, response_serializer=handler.response_serializer
        )


def refusing(fault: RpcFault) -> Any:
    """A handler for any method that answers with the fault; the request is not even read."""

    async def refuse(requests: AsyncIterator[bytes], context: Any) -> None:
        await _abort(context, fault)

    return grpc.stream_stream_rpc_method_handler(refuse)


async def _abort(context: Any, fault: RpcFault) -> None:
    if fault.limit:
        grpc_metrics.REFUSED.labels(fault.limit, current_tenant().name).inc()
    await context.abort_with_status(rpc_status.to_status(fault.status()))
