from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class AuditRecord(_message.Message):
    __slots__ = ("actor", "at", "action", "detail", "service", "via", "event_at")
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    EVENT_AT_FIELD_NUMBER: _ClassVar[int]
    actor: str
    at: float
    action: str
    detail: str
    service: str
    via: str
    event_at: float
    def __init__(self, actor: _Optional[str] = ..., at: _Optional[float] = ..., action: _Optional[str] = ..., detail: _Optional[str] = ..., service: _Optional[str] = ..., via: _Optional[str] = ..., event_at: _Optional[float] = ...) -> None: ...
