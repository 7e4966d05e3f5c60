from ratchet.v1 import weights_pb2 as _weights_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Autonomy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUTONOMY_UNSPECIFIED: _ClassVar[Autonomy]
    AUTONOMY_LEARNING: _ClassVar[Autonomy]
    AUTONOMY_ASSISTED: _ClassVar[Autonomy]
    AUTONOMY_AUTONOMOUS: _ClassVar[Autonomy]
AUTONOMY_UNSPECIFIED: Autonomy
AUTONOMY_LEARNING: Autonomy
AUTONOMY_ASSISTED: Autonomy
AUTONOMY_AUTONOMOUS: Autonomy

class GateState(_message.Message):
    __slots__ = ("standard_id", "state", "judge_version", "label_share", "report", "at")
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    LABEL_SHARE_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    standard_id: str
    state: Autonomy
    judge_version: int
    label_share: float
    report: _weights_pb2.GateReport
    at: float
    def __init__(self, standard_id: _Optional[str] = ..., state: _Optional[_Union[Autonomy, str]] = ..., judge_version: _Optional[int] = ..., label_share: _Optional[float] = ..., report: _Optional[_Union[_weights_pb2.GateReport, _Mapping]] = ..., at: _Optional[float] = ...) -> None: ...
