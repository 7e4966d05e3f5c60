from ratchet.v1 import check_pb2 as _check_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Criterion(_message.Message):
    __slots__ = ("criterion_id", "sentence", "weight", "check")
    CRITERION_ID_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    criterion_id: str
    sentence: str
    weight: float
    check: _check_pb2.Check
    def __init__(self, criterion_id: _Optional[str] = ..., sentence: _Optional[str] = ..., weight: _Optional[float] = ..., check: _Optional[_Union[_check_pb2.Check, _Mapping]] = ...) -> None: ...

class Standard(_message.Message):
    __slots__ = ("standard_id", "version", "title", "criteria")
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CRITERIA_FIELD_NUMBER: _ClassVar[int]
    standard_id: str
    version: int
    title: str
    criteria: _containers.RepeatedCompositeFieldContainer[Criterion]
    def __init__(self, standard_id: _Optional[str] = ..., version: _Optional[int] = ..., title: _Optional[str] = ..., criteria: _Optional[_Iterable[_Union[Criterion, _Mapping]]] = ...) -> None: ...
