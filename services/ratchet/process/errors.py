"""Faults that servicers raise, and the rich gRPC status that each becomes."""

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

LONGEST_DESCRIPTION = 300
"""Characters. A status travels in metadata, of which clients take 8 KiB: in the worst case a
character takes 24 of them, and a request's own words may be part of a description."""


class RestartRequired(Exception):
    """Only a new process can go on; the process exits with `exit_code` (EX_TEMPFAIL)."""

    exit_code = 75


class RpcFault(Exception):
    """Raised in a servicer; the server answers with `status()`."""

    code: int = code_pb2.UNKNOWN
    limit: str = ""
    """What was met, for the count of refused calls; empty: it is not counted there."""

    def __init__(self, description: str, details: Message | None = None) -> None:
        """Takes the message for the caller and at most one `google.rpc` detail."""
        super().__init__(_short(description))
        self._details = details

    def status(self) -> status_pb2.Status:
        """The rich status, its detail packed."""
        status = status_pb2.Status(code=self.code, message=str(self))
        if self._details is not None:
            packed = AnyMessage()
            packed.Pack(self._details)
            status.details.append(packed)
        return status


class Malformed(RpcFault):
    """The request is no message of its kind: INVALID_ARGUMENT."""

    code = code_pb2.INVALID_ARGUMENT
    limit = "invalid"


class InvalidField(RpcFault):
    """A field of the request is wrong: INVALID_ARGUMENT with `google.rpc.BadRequest`."""

    code = code_pb2.INVALID_ARGUMENT
    limit = "invalid"

    def __init__(self, field: str, description: str) -> None:
        """Takes the field's path, such as `items[3].completion`, and what is wrong with it."""
        super().__init__(f"{field}: {description}", _bad_request(field, description))


class FieldNotFound(RpcFault):
    """A field names something that does not exist: NOT_FOUND with `google.rpc.BadRequest`."""

    code = code_pb2.NOT_FOUND

    def __init__(self, field: str, description: str) -> None:
        """Takes the field's path and what was not found."""
        super().__init__(f"{field}: {description}", _bad_request(field, description))


class Unauthenticated(RpcFault):
    """Nobody knows the caller: UNAUTHENTICATED."""

    code = code_pb2.UNAUTHENTICATED
    limit = "unauthenticated"


class PermissionDenied(RpcFault):
    """The caller is known and may not: PERMISSION_DENIED with `google.rpc.BadRequest`."""

    code = code_pb2.PERMISSION_DENIED
    limit = "permission"

    def __init__(self, field: str, description: str) -> None:
        """Takes the field that names what is not allowed."""
        super().__init__(f"{field}: {description}", _bad_request(field, description))


class TooLarge(RpcFault):
    """More bytes than the server takes: RESOURCE_EXHAUSTED, as gRPC itself has it."""

    code = code_pb2.RESOURCE_EXHAUSTED

    def __init__(self, limit: str, found: int, most: int) -> None:
        """Takes the limit's name (`message_size`), the bytes found, and those allowed."""
        super().__init__(f"{limit}: {found} bytes; at most {most} are allowed")
        self.limit = limit


class Overloaded(RpcFault):
    """The queue is full: RESOURCE_EXHAUSTED with `google.rpc.RetryInfo`."""

    code = code_pb2.RESOURCE_EXHAUSTED
    limit = "queue"
    what = "overloaded"

    def __init__(self, retry_seconds: float) -> None:
        """Takes the seconds after which trying again makes sense."""
        delay = Duration()
        delay.FromMilliseconds(round(retry_seconds * 1000))
        details = error_details_pb2.RetryInfo(retry_delay=delay)
        super().__init__(f"{self.what}, retry in {retry_seconds:g} s", details)


class ShareExceeded(Overloaded):
    """The queue has no more room for this tenant: RESOURCE_EXHAUSTED with `RetryInfo`."""

    limit = "queue_share"
    what = "this tenant's share of the queue is full"


class RateExceeded(Overloaded):
    """A tenant's tokens per second are used up: RESOURCE_EXHAUSTED with `RetryInfo`."""

    limit = "rate"
    what = "this tenant's tokens per second are used up"


class Unavailable(RpcFault):
    """The service cannot answer now, such as before a model is loaded: UNAVAILABLE."""

    code = code_pb2.UNAVAILABLE


class FailedPrecondition(RpcFault):
    """The system's state forbids the call: FAILED_PRECONDITION."""

    code = code_pb2.FAILED_PRECONDITION


def _bad_request(field: str, description: str) -> error_details_pb2.BadRequest:
    violation = error_details_pb2.BadRequest.FieldViolation(
        field=field, description=_short(description)
    )
    return error_details_pb2.BadRequest(field_violations=[violation])


def _short(description: str) -> str:
    if len(description) <= LONGEST_DESCRIPTION:
        return description
    return f"{description[: LONGEST_DESCRIPTION - 3]}..."
