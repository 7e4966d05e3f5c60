"""How long an overloaded server asks to be left alone.

The delay comes as `google.rpc.RetryInfo` within `google.rpc.Status`, which protobuf does not ship.
The few fields that are read here are declared in a pool of their own, so that a program which has
googleapis-common-protos beside this client sees no second definition.
"""

from typing import Any

import grpc
from google.protobuf import any_pb2, descriptor_pb2, duration_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

_TRAILER = "grpc-status-details-bin"
_TYPE = "type.googleapis.com/google.rpc.RetryInfo"


def retry_seconds(error: grpc.RpcError) -> float | None:
    """Seconds after which the server wants to be asked again; None where it does not say."""
    trailers: Any = error.trailing_metadata() or ()
    for key, value in trailers:
        if key == _TRAILER:
            return _parse(value)
    return None


def _parse(packed: bytes) -> float | None:
    try:
        for detail in _STATUS.FromString(packed).details:
            if detail.type_url == _TYPE:
                delay = _RETRY_INFO.FromString(detail.value).retry_delay
                return max(delay.seconds + delay.nanos / 1e9, 0.0)
    except DecodeError:
        pass
    return None


def _messages() -> tuple[Any, Any]:
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="google/rpc/retry.proto", package="google.rpc", syntax="proto3"
    )
    pool = DescriptorPool()
    for well_known in (any_pb2, duration_pb2):
        file.dependency.append(well_known.DESCRIPTOR.name)
        pool.AddSerializedFile(well_known.DESCRIPTOR.serialized_pb)
    status = file.message_type.add(name="Status")
    status.field.add(
        name="details",
        number=3,
        type=field.TYPE_MESSAGE,
        type_name=".google.protobuf.Any",
        label=field.LABEL_REPEATED,
    )
    file.message_type.add(name="RetryInfo").field.add(
        name="retry_delay",
        number=1,
        type=field.TYPE_MESSAGE,
        type_name=".google.protobuf.Duration",
        label=field.LABEL_OPTIONAL,
    )
    pool.AddSerializedFile(file.SerializeToString())
    return (
        GetMessageClass(pool.FindMessageTypeByName("google.rpc.Status")),
        GetMessageClass(pool.FindMessageTypeByName("google.rpc.RetryInfo")),
    )


_STATUS, _RETRY_INFO = _messages()
