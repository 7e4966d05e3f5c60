"""Faults become statuses."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc_status import rpc_status

from ratchet.process import grpc_metrics
from ratchet.process.errors import RpcFault
from ratchet.process.tenant import current_tenant

Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Any]]

log = logging.getLogger(__name__)


class FaultInterceptor(grpc.aio.ServerInterceptor):
    """Turns faults into rich statuses, and anything unforeseen into a logged INTERNAL."""

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        """Wraps unary handlers; streams (health, reflection) stay as they are."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler

        async def guarded(request_bytes: bytes, context: Any) -> Any:
            try:
                return await handler.unary_unary(
                    handler.request_deserializer(request_bytes), context
                )
            except grpc.aio.AbortError:
                raise
            except RpcFault as fault:
                await _abort(context, fault)
            except DecodeError:
                await context.abort(
                    grpc.StatusCode.INVALID_ARGUMENT, "the request is no valid protobuf message"
                )
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
