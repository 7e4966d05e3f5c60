from ratchet.v1 import critique_pb2 as _critique_pb2
from ratchet.v1 import prompt_pb2 as _prompt_pb2
from ratchet.v1 import rollout_pb2 as _rollout_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Vote(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VOTE_UNSPECIFIED: _ClassVar[Vote]
    VOTE_A: _ClassVar[Vote]
    VOTE_B: _ClassVar[Vote]
    VOTE_TIE: _ClassVar[Vote]
    VOTE_BOTH_BAD: _ClassVar[Vote]
VOTE_UNSPECIFIED: Vote
VOTE_A: Vote
VOTE_B: Vote
VOTE_TIE: Vote
VOTE_BOTH_BAD: Vote

class Comparison(_message.Message):
    __slots__ = ("pair_id", "group_id", "prompt", "prompt_token_ids", "answer_a", "answer_b", "standard_id", "standard_version", "picked_because", "subset", "help")
    PAIR_ID_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    ANSWER_A_FIELD_NUMBER: _ClassVar[int]
    ANSWER_B_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    STANDARD_VERSION_FIELD_NUMBER: _ClassVar[int]
    PICKED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    SUBSET_FIELD_NUMBER: _ClassVar[int]
    HELP_FIELD_NUMBER: _ClassVar[int]
    pair_id: str
    group_id: str
    prompt: _prompt_pb2.Prompt
    prompt_token_ids: bytes
    answer_a: _rollout_pb2.Completion
    answer_b: _rollout_pb2.Completion
    standard_id: str
    standard_version: int
    picked_because: str
    subset: str
    help: Help
    def __init__(self, pair_id: _Optional[str] = ..., group_id: _Optional[str] = ..., prompt: _Optional[_Union[_prompt_pb2.Prompt, _Mapping]] = ..., prompt_token_ids: _Optional[bytes] = ..., answer_a: _Optional[_Union[_rollout_pb2.Completion, _Mapping]] = ..., answer_b: _Optional[_Union[_rollout_pb2.Completion, _Mapping]] = ..., standard_id: _Optional[str] = ..., standard_version: _Optional[int] = ..., picked_because: _Optional[str] = ..., subset: _Optional[str] = ..., help: _Optional[_Union[Help, _Mapping]] = ...) -> None: ...

class Help(_message.Message):
    __slots__ = ("helper", "critique_a", "critique_b")
    HELPER_FIELD_NUMBER: _ClassVar[int]
    CRITIQUE_A_FIELD_NUMBER: _ClassVar[int]
    CRITIQUE_B_FIELD_NUMBER: _ClassVar[int]
    helper: _critique_pb2.Helper
    critique_a: _critique_pb2.Critique
    critique_b: _critique_pb2.Critique
    def __init__(self, helper: _Optional[_Union[_critique_pb2.Helper, _Mapping]] = ..., critique_a: _Optional[_Union[_critique_pb2.Critique, _Mapping]] = ..., critique_b: _Optional[_Union[_critique_pb2.Critique, _Mapping]] = ...) -> None: ...

class Marks(_message.Message):
    __slots__ = ("broken_criterion_ids",)
    BROKEN_CRITERION_IDS_FIELD_NUMBER: _ClassVar[int]
    broken_criterion_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, broken_criterion_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Preference(_message.Message):
    __slots__ = ("submission_id", "labeler", "vote", "marks_a", "marks_b", "seconds", "assisted", "comparison")
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    LABELER_FIELD_NUMBER: _ClassVar[int]
    VOTE_FIELD_NUMBER: _ClassVar[int]
    MARKS_A_FIELD_NUMBER: _ClassVar[int]
    MARKS_B_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    ASSISTED_FIELD_NUMBER: _ClassVar[int]
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    labeler: str
    vote: Vote
    marks_a: Marks
    marks_b: Marks
    seconds: float
    assisted: bool
    comparison: Comparison
    def __init__(self, submission_id: _Optional[str] = ..., labeler: _Optional[str] = ..., vote: _Optional[_Union[Vote, str]] = ..., marks_a: _Optional[_Union[Marks, _Mapping]] = ..., marks_b: _Optional[_Union[Marks, _Mapping]] = ..., seconds: _Optional[float] = ..., assisted: _Optional[bool] = ..., comparison: _Optional[_Union[Comparison, _Mapping]] = ...) -> None: ...
