from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Helper(_message.Message):
    __slots__ = ("policy_version", "marked_answers")
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    MARKED_ANSWERS_FIELD_NUMBER: _ClassVar[int]
    policy_version: int
    marked_answers: int
    def __init__(self, policy_version: _Optional[int] = ..., marked_answers: _Optional[int] = ...) -> None: ...

class CriterionCritique(_message.Message):
    __slots__ = ("criterion_id", "broken", "pointed_at")
    CRITERION_ID_FIELD_NUMBER: _ClassVar[int]
    BROKEN_FIELD_NUMBER: _ClassVar[int]
    POINTED_AT_FIELD_NUMBER: _ClassVar[int]
    criterion_id: str
    broken: float
    pointed_at: bool
    def __init__(self, criterion_id: _Optional[str] = ..., broken: _Optional[float] = ..., pointed_at: _Optional[bool] = ...) -> None: ...

class Critique(_message.Message):
    __slots__ = ("criteria",)
    CRITERIA_FIELD_NUMBER: _ClassVar[int]
    criteria: _containers.RepeatedCompositeFieldContainer[CriterionCritique]
    def __init__(self, criteria: _Optional[_Iterable[_Union[CriterionCritique, _Mapping]]] = ...) -> None: ...

class GroupCritiques(_message.Message):
    __slots__ = ("group_id", "standard_id", "standard_version", "helper", "critiques")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    STANDARD_VERSION_FIELD_NUMBER: _ClassVar[int]
    HELPER_FIELD_NUMBER: _ClassVar[int]
    CRITIQUES_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    standard_id: str
    standard_version: int
    helper: Helper
    critiques: _containers.RepeatedCompositeFieldContainer[Critique]
    def __init__(self, group_id: _Optional[str] = ..., standard_id: _Optional[str] = ..., standard_version: _Optional[int] = ..., helper: _Optional[_Union[Helper, _Mapping]] = ..., critiques: _Optional[_Iterable[_Union[Critique, _Mapping]]] = ...) -> None: ...
