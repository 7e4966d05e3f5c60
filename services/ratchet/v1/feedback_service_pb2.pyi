from ratchet.v1 import preference_pb2 as _preference_pb2
from ratchet.v1 import standard_pb2 as _standard_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NextComparisonRequest(_message.Message):
    __slots__ = ("standard_id", "labeler")
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    LABELER_FIELD_NUMBER: _ClassVar[int]
    standard_id: str
    labeler: str
    def __init__(self, standard_id: _Optional[str] = ..., labeler: _Optional[str] = ...) -> None: ...

class NextComparisonResponse(_message.Message):
    __slots__ = ("comparison", "standard", "lease_expires_at", "marked_answers")
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    STANDARD_FIELD_NUMBER: _ClassVar[int]
    LEASE_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    MARKED_ANSWERS_FIELD_NUMBER: _ClassVar[int]
    comparison: _preference_pb2.Comparison
    standard: _standard_pb2.Standard
    lease_expires_at: float
    marked_answers: int
    def __init__(self, comparison: _Optional[_Union[_preference_pb2.Comparison, _Mapping]] = ..., standard: _Optional[_Union[_standard_pb2.Standard, _Mapping]] = ..., lease_expires_at: _Optional[float] = ..., marked_answers: _Optional[int] = ...) -> None: ...

class SubmitPreferenceRequest(_message.Message):
    __slots__ = ("pair_id", "submission_id", "labeler", "vote", "marks_a", "marks_b", "seconds")
    PAIR_ID_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    LABELER_FIELD_NUMBER: _ClassVar[int]
    VOTE_FIELD_NUMBER: _ClassVar[int]
    MARKS_A_FIELD_NUMBER: _ClassVar[int]
    MARKS_B_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    pair_id: str
    submission_id: str
    labeler: str
    vote: _preference_pb2.Vote
    marks_a: _preference_pb2.Marks
    marks_b: _preference_pb2.Marks
    seconds: float
    def __init__(self, pair_id: _Optional[str] = ..., submission_id: _Optional[str] = ..., labeler: _Optional[str] = ..., vote: _Optional[_Union[_preference_pb2.Vote, str]] = ..., marks_a: _Optional[_Union[_preference_pb2.Marks, _Mapping]] = ..., marks_b: _Optional[_Union[_preference_pb2.Marks, _Mapping]] = ..., seconds: _Optional[float] = ...) -> None: ...

class SubmitPreferenceResponse(_message.Message):
    __slots__ = ("duplicate", "marked_answers")
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    MARKED_ANSWERS_FIELD_NUMBER: _ClassVar[int]
    duplicate: bool
    marked_answers: int
    def __init__(self, duplicate: _Optional[bool] = ..., marked_answers: _Optional[int] = ...) -> None: ...

class PutStandardRequest(_message.Message):
    __slots__ = ("standard",)
    STANDARD_FIELD_NUMBER: _ClassVar[int]
    standard: _standard_pb2.Standard
    def __init__(self, standard: _Optional[_Union[_standard_pb2.Standard, _Mapping]] = ...) -> None: ...

class PutStandardResponse(_message.Message):
    __slots__ = ("standard",)
    STANDARD_FIELD_NUMBER: _ClassVar[int]
    standard: _standard_pb2.Standard
    def __init__(self, standard: _Optional[_Union[_standard_pb2.Standard, _Mapping]] = ...) -> None: ...

class GetStandardRequest(_message.Message):
    __slots__ = ("standard_id", "version")
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    standard_id: str
    version: int
    def __init__(self, standard_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class GetStandardResponse(_message.Message):
    __slots__ = ("standard",)
    STANDARD_FIELD_NUMBER: _ClassVar[int]
    standard: _standard_pb2.Standard
    def __init__(self, standard: _Optional[_Union[_standard_pb2.Standard, _Mapping]] = ...) -> None: ...
