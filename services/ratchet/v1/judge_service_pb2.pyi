from ratchet.v1 import chat_pb2 as _chat_pb2
from ratchet.v1 import judgement_pb2 as _judgement_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ScoreItem(_message.Message):
    __slots__ = ("messages", "completion", "prompt_token_ids", "completion_token_ids")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_chat_pb2.Message]
    completion: str
    prompt_token_ids: bytes
    completion_token_ids: bytes
    def __init__(self, messages: _Optional[_Iterable[_Union[_chat_pb2.Message, _Mapping]]] = ..., completion: _Optional[str] = ..., prompt_token_ids: _Optional[bytes] = ..., completion_token_ids: _Optional[bytes] = ...) -> None: ...

class ScoreRequest(_message.Message):
    __slots__ = ("items", "standard_id", "judge_version", "truncate", "judge")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    TRUNCATE_FIELD_NUMBER: _ClassVar[int]
    JUDGE_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ScoreItem]
    standard_id: str
    judge_version: int
    truncate: bool
    judge: str
    def __init__(self, items: _Optional[_Iterable[_Union[ScoreItem, _Mapping]]] = ..., standard_id: _Optional[str] = ..., judge_version: _Optional[int] = ..., truncate: _Optional[bool] = ..., judge: _Optional[str] = ...) -> None: ...

class ScoredItem(_message.Message):
    __slots__ = ("judgement", "timings", "truncated", "cached")
    JUDGEMENT_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    CACHED_FIELD_NUMBER: _ClassVar[int]
    judgement: _judgement_pb2.Judgement
    timings: _judgement_pb2.Timings
    truncated: bool
    cached: bool
    def __init__(self, judgement: _Optional[_Union[_judgement_pb2.Judgement, _Mapping]] = ..., timings: _Optional[_Union[_judgement_pb2.Timings, _Mapping]] = ..., truncated: _Optional[bool] = ..., cached: _Optional[bool] = ...) -> None: ...

class ScoreResponse(_message.Message):
    __slots__ = ("items", "judge_version", "standard_id", "standard_version", "judge")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    STANDARD_VERSION_FIELD_NUMBER: _ClassVar[int]
    JUDGE_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ScoredItem]
    judge_version: int
    standard_id: str
    standard_version: int
    judge: str
    def __init__(self, items: _Optional[_Iterable[_Union[ScoredItem, _Mapping]]] = ..., judge_version: _Optional[int] = ..., standard_id: _Optional[str] = ..., standard_version: _Optional[int] = ..., judge: _Optional[str] = ...) -> None: ...

class ScoreGroupRequest(_message.Message):
    __slots__ = ("messages", "prompt_token_ids", "completions", "completion_token_ids", "standard_id", "judge_version", "truncate", "judge")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    COMPLETIONS_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    TRUNCATE_FIELD_NUMBER: _ClassVar[int]
    JUDGE_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_chat_pb2.Message]
    prompt_token_ids: bytes
    completions: _containers.RepeatedScalarFieldContainer[str]
    completion_token_ids: _containers.RepeatedScalarFieldContainer[bytes]
    standard_id: str
    judge_version: int
    truncate: bool
    judge: str
    def __init__(self, messages: _Optional[_Iterable[_Union[_chat_pb2.Message, _Mapping]]] = ..., prompt_token_ids: _Optional[bytes] = ..., completions: _Optional[_Iterable[str]] = ..., completion_token_ids: _Optional[_Iterable[bytes]] = ..., standard_id: _Optional[str] = ..., judge_version: _Optional[int] = ..., truncate: _Optional[bool] = ..., judge: _Optional[str] = ...) -> None: ...

class ScoreGroupResponse(_message.Message):
    __slots__ = ("items", "judge_version", "standard_id", "standard_version", "judge")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    STANDARD_VERSION_FIELD_NUMBER: _ClassVar[int]
    JUDGE_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ScoredItem]
    judge_version: int
    standard_id: str
    standard_version: int
    judge: str
    def __init__(self, items: _Optional[_Iterable[_Union[ScoredItem, _Mapping]]] = ..., judge_version: _Optional[int] = ..., standard_id: _Optional[str] = ..., standard_version: _Optional[int] = ..., judge: _Optional[str] = ...) -> None: ...

class CompareRequest(_message.Message):
    __slots__ = ("messages", "completion_a", "completion_b", "standard_id", "judge_version", "truncate", "judge", "prompt_token_ids", "completion_a_token_ids", "completion_b_token_ids")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_A_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_B_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    TRUNCATE_FIELD_NUMBER: _ClassVar[int]
    JUDGE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_A_TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_B_TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_chat_pb2.Message]
    completion_a: str
    completion_b: str
    standard_id: str
    judge_version: int
    truncate: bool
    judge: str
    prompt_token_ids: bytes
    completion_a_token_ids: bytes
    completion_b_token_ids: bytes
    def __init__(self, messages: _Optional[_Iterable[_Union[_chat_pb2.Message, _Mapping]]] = ..., completion_a: _Optional[str] = ..., completion_b: _Optional[str] = ..., standard_id: _Optional[str] = ..., judge_version: _Optional[int] = ..., truncate: _Optional[bool] = ..., judge: _Optional[str] = ..., prompt_token_ids: _Optional[bytes] = ..., completion_a_token_ids: _Optional[bytes] = ..., completion_b_token_ids: _Optional[bytes] = ...) -> None: ...

class CompareResponse(_message.Message):
    __slots__ = ("a_preferred", "item_a", "item_b", "judge_version", "standard_id", "standard_version", "judge", "a_preferred_shown_first", "a_preferred_shown_second")
    A_PREFERRED_FIELD_NUMBER: _ClassVar[int]
    ITEM_A_FIELD_NUMBER: _ClassVar[int]
    ITEM_B_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    STANDARD_VERSION_FIELD_NUMBER: _ClassVar[int]
    JUDGE_FIELD_NUMBER: _ClassVar[int]
    A_PREFERRED_SHOWN_FIRST_FIELD_NUMBER: _ClassVar[int]
    A_PREFERRED_SHOWN_SECOND_FIELD_NUMBER: _ClassVar[int]
    a_preferred: float
    item_a: ScoredItem
    item_b: ScoredItem
    judge_version: int
    standard_id: str
    standard_version: int
    judge: str
    a_preferred_shown_first: float
    a_preferred_shown_second: float
    def __init__(self, a_preferred: _Optional[float] = ..., item_a: _Optional[_Union[ScoredItem, _Mapping]] = ..., item_b: _Optional[_Union[ScoredItem, _Mapping]] = ..., judge_version: _Optional[int] = ..., standard_id: _Optional[str] = ..., standard_version: _Optional[int] = ..., judge: _Optional[str] = ..., a_preferred_shown_first: _Optional[float] = ..., a_preferred_shown_second: _Optional[float] = ...) -> None: ...

class CritiqueRequest(_message.Message):
    __slots__ = ("messages", "completion", "judge")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    JUDGE_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_chat_pb2.Message]
    completion: str
    judge: str
    def __init__(self, messages: _Optional[_Iterable[_Union[_chat_pb2.Message, _Mapping]]] = ..., completion: _Optional[str] = ..., judge: _Optional[str] = ...) -> None: ...

class CriterionVerdict(_message.Message):
    __slots__ = ("criterion_id", "broken", "reason")
    CRITERION_ID_FIELD_NUMBER: _ClassVar[int]
    BROKEN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    criterion_id: str
    broken: bool
    reason: str
    def __init__(self, criterion_id: _Optional[str] = ..., broken: _Optional[bool] = ..., reason: _Optional[str] = ...) -> None: ...

class CritiqueResponse(_message.Message):
    __slots__ = ("text", "verdicts", "judge", "standard_id", "standard_version", "model", "timings")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    VERDICTS_FIELD_NUMBER: _ClassVar[int]
    JUDGE_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    STANDARD_VERSION_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    text: str
    verdicts: _containers.RepeatedCompositeFieldContainer[CriterionVerdict]
    judge: str
    standard_id: str
    standard_version: int
    model: str
    timings: _judgement_pb2.Timings
    def __init__(self, text: _Optional[str] = ..., verdicts: _Optional[_Iterable[_Union[CriterionVerdict, _Mapping]]] = ..., judge: _Optional[str] = ..., standard_id: _Optional[str] = ..., standard_version: _Optional[int] = ..., model: _Optional[str] = ..., timings: _Optional[_Union[_judgement_pb2.Timings, _Mapping]] = ...) -> None: ...

class ListJudgesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListJudgesResponse(_message.Message):
    __slots__ = ("judges",)
    JUDGES_FIELD_NUMBER: _ClassVar[int]
    judges: _containers.RepeatedCompositeFieldContainer[JudgeInfo]
    def __init__(self, judges: _Optional[_Iterable[_Union[JudgeInfo, _Mapping]]] = ...) -> None: ...

class JudgeInfo(_message.Message):
    __slots__ = ("name", "kind", "versions", "standard_id", "standard_version", "context_tokens", "outputs", "takes_token_ids", "writes_critiques")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    STANDARD_VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    TAKES_TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    WRITES_CRITIQUES_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: str
    versions: _containers.RepeatedScalarFieldContainer[int]
    standard_id: str
    standard_version: int
    context_tokens: int
    outputs: _containers.RepeatedScalarFieldContainer[str]
    takes_token_ids: bool
    writes_critiques: bool
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[str] = ..., versions: _Optional[_Iterable[int]] = ..., standard_id: _Optional[str] = ..., standard_version: _Optional[int] = ..., context_tokens: _Optional[int] = ..., outputs: _Optional[_Iterable[str]] = ..., takes_token_ids: _Optional[bool] = ..., writes_critiques: _Optional[bool] = ...) -> None: ...
