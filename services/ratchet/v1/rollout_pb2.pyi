from ratchet.v1 import prompt_pb2 as _prompt_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WeightSpan(_message.Message):
    __slots__ = ("policy_version", "start", "end")
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    policy_version: int
    start: int
    end: int
    def __init__(self, policy_version: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class Completion(_message.Message):
    __slots__ = ("text", "token_ids", "log_probabilities", "weight_spans", "finish_reason")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    LOG_PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_SPANS_FIELD_NUMBER: _ClassVar[int]
    FINISH_REASON_FIELD_NUMBER: _ClassVar[int]
    text: str
    token_ids: bytes
    log_probabilities: bytes
    weight_spans: _containers.RepeatedCompositeFieldContainer[WeightSpan]
    finish_reason: str
    def __init__(self, text: _Optional[str] = ..., token_ids: _Optional[bytes] = ..., log_probabilities: _Optional[bytes] = ..., weight_spans: _Optional[_Iterable[_Union[WeightSpan, _Mapping]]] = ..., finish_reason: _Optional[str] = ...) -> None: ...

class RolloutGroup(_message.Message):
    __slots__ = ("group_id", "prompt", "prompt_token_ids", "completions", "temperature")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    COMPLETIONS_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    prompt: _prompt_pb2.Prompt
    prompt_token_ids: bytes
    completions: _containers.RepeatedCompositeFieldContainer[Completion]
    temperature: float
    def __init__(self, group_id: _Optional[str] = ..., prompt: _Optional[_Union[_prompt_pb2.Prompt, _Mapping]] = ..., prompt_token_ids: _Optional[bytes] = ..., completions: _Optional[_Iterable[_Union[Completion, _Mapping]]] = ..., temperature: _Optional[float] = ...) -> None: ...
