from ratchet.v1 import chat_pb2 as _chat_pb2
from ratchet.v1 import judgement_pb2 as _judgement_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ScoreItem(_message.Message):
    __slots__ = ("messages", "completion")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_chat_pb2.Message]
    completion: str
    def __init__(self, messages: _Optional[_Iterable[_Union[_chat_pb2.Message, _Mapping]]] = ..., completion: _Optional[str] = ...) -> None: ...

class ScoreRequest(_message.Message):
    __slots__ = ("items", "standard_id", "judge_version", "truncate")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    TRUNCATE_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ScoreItem]
    standard_id: str
    judge_version: int
    truncate: bool
    def __init__(self, items: _Optional[_Iterable[_Union[ScoreItem, _Mapping]]] = ..., standard_id: _Optional[str] = ..., judge_version: _Optional[int] = ..., truncate: _Optional[bool] = ...) -> None: ...

class ScoredItem(_message.Message):
    __slots__ = ("judgement", "timings", "truncated")
    JUDGEMENT_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    judgement: _judgement_pb2.Judgement
    timings: _judgement_pb2.Timings
    truncated: bool
    def __init__(self, judgement: _Optional[_Union[_judgement_pb2.Judgement, _Mapping]] = ..., timings: _Optional[_Union[_judgement_pb2.Timings, _Mapping]] = ..., truncated: _Optional[bool] = ...) -> None: ...

class ScoreResponse(_message.Message):
    __slots__ = ("items", "judge_version", "standard_id", "standard_version")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    STANDARD_VERSION_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ScoredItem]
    judge_version: int
    standard_id: str
    standard_version: int
    def __init__(self, items: _Optional[_Iterable[_Union[ScoredItem, _Mapping]]] = ..., judge_version: _Optional[int] = ..., standard_id: _Optional[str] = ..., standard_version: _Optional[int] = ...) -> None: ...

class CompareRequest(_message.Message):
    __slots__ = ("messages", "completion_a", "completion_b", "standard_id", "judge_version", "truncate")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_A_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_B_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    TRUNCATE_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_chat_pb2.Message]
    completion_a: str
    completion_b: str
    standard_id: str
    judge_version: int
    truncate: bool
    def __init__(self, messages: _Optional[_Iterable[_Union[_chat_pb2.Message, _Mapping]]] = ..., completion_a: _Optional[str] = ..., completion_b: _Optional[str] = ..., standard_id: _Optional[str] = ..., judge_version: _Optional[int] = ..., truncate: _Optional[bool] = ...) -> None: ...

class CompareResponse(_message.Message):
    __slots__ = ("a_preferred", "item_a", "item_b", "judge_version", "standard_id", "standard_version")
    A_PREFERRED_FIELD_NUMBER: _ClassVar[int]
    ITEM_A_FIELD_NUMBER: _ClassVar[int]
    ITEM_B_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    STANDARD_VERSION_FIELD_NUMBER: _ClassVar[int]
    a_preferred: float
    item_a: ScoredItem
    item_b: ScoredItem
    judge_version: int
    standard_id: str
    standard_version: int
    def __init__(self, a_preferred: _Optional[float] = ..., item_a: _Optional[_Union[ScoredItem, _Mapping]] = ..., item_b: _Optional[_Union[ScoredItem, _Mapping]] = ..., judge_version: _Optional[int] = ..., standard_id: _Optional[str] = ..., standard_version: _Optional[int] = ...) -> None: ...
