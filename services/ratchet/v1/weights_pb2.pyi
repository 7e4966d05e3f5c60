from ratchet.v1 import critique_pb2 as _critique_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_POLICY: _ClassVar[Role]
    ROLE_JUDGE: _ClassVar[Role]

class VersionStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERSION_STATUS_UNSPECIFIED: _ClassVar[VersionStatus]
    VERSION_STATUS_CANDIDATE: _ClassVar[VersionStatus]
    VERSION_STATUS_SERVING: _ClassVar[VersionStatus]
    VERSION_STATUS_REJECTED: _ClassVar[VersionStatus]
    VERSION_STATUS_ROLLED_BACK: _ClassVar[VersionStatus]
ROLE_UNSPECIFIED: Role
ROLE_POLICY: Role
ROLE_JUDGE: Role
VERSION_STATUS_UNSPECIFIED: VersionStatus
VERSION_STATUS_CANDIDATE: VersionStatus
VERSION_STATUS_SERVING: VersionStatus
VERSION_STATUS_REJECTED: VersionStatus
VERSION_STATUS_ROLLED_BACK: VersionStatus

class FileDigest(_message.Message):
    __slots__ = ("path", "sha256", "bytes")
    PATH_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    path: str
    sha256: str
    bytes: int
    def __init__(self, path: _Optional[str] = ..., sha256: _Optional[str] = ..., bytes: _Optional[int] = ...) -> None: ...

class ConsumedOffset(_message.Message):
    __slots__ = ("topic", "partition", "offset")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    topic: str
    partition: int
    offset: int
    def __init__(self, topic: _Optional[str] = ..., partition: _Optional[int] = ..., offset: _Optional[int] = ...) -> None: ...

class GateFigure(_message.Message):
    __slots__ = ("name", "value", "bound", "threshold", "passed")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    BOUND_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    bound: float
    threshold: float
    passed: bool
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ..., bound: _Optional[float] = ..., threshold: _Optional[float] = ..., passed: _Optional[bool] = ...) -> None: ...

class GateReport(_message.Message):
    __slots__ = ("passed", "reason", "figures")
    PASSED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    passed: bool
    reason: str
    figures: _containers.RepeatedCompositeFieldContainer[GateFigure]
    def __init__(self, passed: _Optional[bool] = ..., reason: _Optional[str] = ..., figures: _Optional[_Iterable[_Union[GateFigure, _Mapping]]] = ...) -> None: ...

class Manifest(_message.Message):
    __slots__ = ("role", "version", "parent", "uri", "files", "consumed_offsets", "gate_report", "status", "created_at", "updates", "standard_id", "standard_version", "trunk_sha256", "helper", "judge_version")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    CONSUMED_OFFSETS_FIELD_NUMBER: _ClassVar[int]
    GATE_REPORT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATES_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ID_FIELD_NUMBER: _ClassVar[int]
    STANDARD_VERSION_FIELD_NUMBER: _ClassVar[int]
    TRUNK_SHA256_FIELD_NUMBER: _ClassVar[int]
    HELPER_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    role: Role
    version: int
    parent: int
    uri: str
    files: _containers.RepeatedCompositeFieldContainer[FileDigest]
    consumed_offsets: _containers.RepeatedCompositeFieldContainer[ConsumedOffset]
    gate_report: GateReport
    status: VersionStatus
    created_at: float
    updates: int
    standard_id: str
    standard_version: int
    trunk_sha256: str
    helper: _critique_pb2.Helper
    judge_version: int
    def __init__(self, role: _Optional[_Union[Role, str]] = ..., version: _Optional[int] = ..., parent: _Optional[int] = ..., uri: _Optional[str] = ..., files: _Optional[_Iterable[_Union[FileDigest, _Mapping]]] = ..., consumed_offsets: _Optional[_Iterable[_Union[ConsumedOffset, _Mapping]]] = ..., gate_report: _Optional[_Union[GateReport, _Mapping]] = ..., status: _Optional[_Union[VersionStatus, str]] = ..., created_at: _Optional[float] = ..., updates: _Optional[int] = ..., standard_id: _Optional[str] = ..., standard_version: _Optional[int] = ..., trunk_sha256: _Optional[str] = ..., helper: _Optional[_Union[_critique_pb2.Helper, _Mapping]] = ..., judge_version: _Optional[int] = ...) -> None: ...

class Pointer(_message.Message):
    __slots__ = ("role", "version", "epoch", "floor_version")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FLOOR_VERSION_FIELD_NUMBER: _ClassVar[int]
    role: Role
    version: int
    epoch: int
    floor_version: int
    def __init__(self, role: _Optional[_Union[Role, str]] = ..., version: _Optional[int] = ..., epoch: _Optional[int] = ..., floor_version: _Optional[int] = ...) -> None: ...

class WeightsRecord(_message.Message):
    __slots__ = ("manifest", "pointer")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    POINTER_FIELD_NUMBER: _ClassVar[int]
    manifest: Manifest
    pointer: Pointer
    def __init__(self, manifest: _Optional[_Union[Manifest, _Mapping]] = ..., pointer: _Optional[_Union[Pointer, _Mapping]] = ...) -> None: ...

class ListVersionsRequest(_message.Message):
    __slots__ = ("role",)
    ROLE_FIELD_NUMBER: _ClassVar[int]
    role: Role
    def __init__(self, role: _Optional[_Union[Role, str]] = ...) -> None: ...

class ListVersionsResponse(_message.Message):
    __slots__ = ("manifests", "pointers")
    MANIFESTS_FIELD_NUMBER: _ClassVar[int]
    POINTERS_FIELD_NUMBER: _ClassVar[int]
    manifests: _containers.RepeatedCompositeFieldContainer[Manifest]
    pointers: _containers.RepeatedCompositeFieldContainer[Pointer]
    def __init__(self, manifests: _Optional[_Iterable[_Union[Manifest, _Mapping]]] = ..., pointers: _Optional[_Iterable[_Union[Pointer, _Mapping]]] = ...) -> None: ...

class PromoteRequest(_message.Message):
    __slots__ = ("role", "version", "expected_epoch")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_EPOCH_FIELD_NUMBER: _ClassVar[int]
    role: Role
    version: int
    expected_epoch: int
    def __init__(self, role: _Optional[_Union[Role, str]] = ..., version: _Optional[int] = ..., expected_epoch: _Optional[int] = ...) -> None: ...

class PromoteResponse(_message.Message):
    __slots__ = ("pointer",)
    POINTER_FIELD_NUMBER: _ClassVar[int]
    pointer: Pointer
    def __init__(self, pointer: _Optional[_Union[Pointer, _Mapping]] = ...) -> None: ...

class RollbackRequest(_message.Message):
    __slots__ = ("role", "expected_epoch")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_EPOCH_FIELD_NUMBER: _ClassVar[int]
    role: Role
    expected_epoch: int
    def __init__(self, role: _Optional[_Union[Role, str]] = ..., expected_epoch: _Optional[int] = ...) -> None: ...

class RollbackResponse(_message.Message):
    __slots__ = ("pointer",)
    POINTER_FIELD_NUMBER: _ClassVar[int]
    pointer: Pointer
    def __init__(self, pointer: _Optional[_Union[Pointer, _Mapping]] = ...) -> None: ...

class PauseRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PauseResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ResumeRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ResumeResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetProgressRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetProgressResponse(_message.Message):
    __slots__ = ("updates", "updates_wanted", "policy_version", "policy_floor_version", "judge_version", "groups_trained", "groups_discarded", "graded_answers", "marked_answers", "rollbacks", "mean_score", "kl", "judge_agreement", "paused", "stage", "stage_seconds", "halted")
    class StageSecondsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    UPDATES_FIELD_NUMBER: _ClassVar[int]
    UPDATES_WANTED_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    POLICY_FLOOR_VERSION_FIELD_NUMBER: _ClassVar[int]
    JUDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    GROUPS_TRAINED_FIELD_NUMBER: _ClassVar[int]
    GROUPS_DISCARDED_FIELD_NUMBER: _ClassVar[int]
    GRADED_ANSWERS_FIELD_NUMBER: _ClassVar[int]
    MARKED_ANSWERS_FIELD_NUMBER: _ClassVar[int]
    ROLLBACKS_FIELD_NUMBER: _ClassVar[int]
    MEAN_SCORE_FIELD_NUMBER: _ClassVar[int]
    KL_FIELD_NUMBER: _ClassVar[int]
    JUDGE_AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    STAGE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    HALTED_FIELD_NUMBER: _ClassVar[int]
    updates: int
    updates_wanted: int
    policy_version: int
    policy_floor_version: int
    judge_version: int
    groups_trained: int
    groups_discarded: int
    graded_answers: int
    marked_answers: int
    rollbacks: int
    mean_score: float
    kl: float
    judge_agreement: float
    paused: bool
    stage: str
    stage_seconds: _containers.ScalarMap[str, float]
    halted: bool
    def __init__(self, updates: _Optional[int] = ..., updates_wanted: _Optional[int] = ..., policy_version: _Optional[int] = ..., policy_floor_version: _Optional[int] = ..., judge_version: _Optional[int] = ..., groups_trained: _Optional[int] = ..., groups_discarded: _Optional[int] = ..., graded_answers: _Optional[int] = ..., marked_answers: _Optional[int] = ..., rollbacks: _Optional[int] = ..., mean_score: _Optional[float] = ..., kl: _Optional[float] = ..., judge_agreement: _Optional[float] = ..., paused: _Optional[bool] = ..., stage: _Optional[str] = ..., stage_seconds: _Optional[_Mapping[str, float]] = ..., halted: _Optional[bool] = ...) -> None: ...

class SetUpdatesWantedRequest(_message.Message):
    __slots__ = ("updates_wanted",)
    UPDATES_WANTED_FIELD_NUMBER: _ClassVar[int]
    updates_wanted: int
    def __init__(self, updates_wanted: _Optional[int] = ...) -> None: ...

class SetUpdatesWantedResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CorruptNextUpdateRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CorruptNextUpdateResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
