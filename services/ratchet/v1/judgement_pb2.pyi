from ratchet.v1 import rollout_pb2 as _rollout_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CriterionJudgement(_message.Message):
    __slots__ = ("criterion_id", "broken", "broken_bootstrap")
    CRITERION_ID_FIELD_NUMBER: _ClassVar[int]
    BROKEN_FIELD_NUMBER: _ClassVar[int]
    BROKEN_BOOTSTRAP_FIELD_NUMBER: _ClassVar[int]
    criterion_id: str
    broken: float
    broken_bootstrap: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, criterion_id: _Optional[str] = ..., broken: _Optional[float] = ..., broken_bootstrap: _Optional[_Iterable[float]] = ...) -> None: ...

class Timings(_message.Message):
    __slots__ = ("queued_seconds", "tokenized_seconds", "model_seconds")
    QUEUED_SECONDS_FIELD_NUMBER: _ClassVar[int]
    TOKENIZED_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MODEL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    queued_seconds: float
    tokenized_seconds: float
    model_seconds: float
    def __init__(self, queued_seconds: _Optional[float] = ..., tokenized_seconds: _Optional[float] = ..., model_seconds: _Optional[float] = ...) -> None: ...

class Judgement(_message.Message):
    __slots__ = ("score", "spread", "criteria", "preferred_to_anchor", "error", "outputs")
    SCORE_FIELD_NUMBER: _ClassVar[int]
    SPREAD_FIELD_NUMBER: _ClassVar[int]
    CRITERIA_FIELD_NUMBER: _ClassVar[int]
    PREFERRED_TO_ANCHOR_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    score: float
    spread: float
    criteria: _containers.RepeatedCompositeFieldContainer[CriterionJudgement]
    preferred_to_anchor: float
    error: ItemError
    outputs: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, score: _Optional[float] = ..., spread: _Optional[float] = ..., criteria: _Optional[_Iterable[_Union[CriterionJudgement, _Mapping]]] = ..., preferred_to_anchor: _Optional[float] = ..., error: _Optional[_Union[ItemError, _Mapping]] = ..., outputs: _Optional[_Iterable[float]] = ...) -> None: ...

class ItemError(_message.Message):
    __slots__ = ("code", "message", "field")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    field: str
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ..., field: _Optional[str] = ...) -> None: ...

class JudgedGroup(_message.Message):
    __slots__ = ("group", "judgements", "judge_version", "standard_version")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    JUDGEMENTS_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    STANDARD_VERSION_FIELD_NUMBER: _ClassVar[int]
    group: _rollout_pb2.RolloutGroup
    judgements: _containers.RepeatedCompositeFieldContainer[Judgement]
    judge_version: int
    standard_version: int
    def __init__(self, group: _Optional[_Union[_rollout_pb2.RolloutGroup, _Mapping]] = ..., judgements: _Optional[_Iterable[_Union[Judgement, _Mapping]]] = ..., judge_version: _Optional[int] = ..., standard_version: _Optional[int] = ...) -> None: ...
