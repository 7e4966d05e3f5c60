"""What a conversation must look like, wherever it enters the system."""

from collections.abc import Sequence

from ratchet.process.errors import InvalidField
from ratchet.v1.chat_pb2 import Message

ROLES = ("system", "user", "assistant")

MAX_TURNS = 256
"""Messages of a conversation: a request of millions would hold up the event loop for seconds."""

MAX_SAMPLES = 64
"""Answers to one prompt."""


class TemplateRefuses(ValueError):
    """A model's chat template cannot render a conversation."""


def check_conversation(messages: Sequence[Message], field: str) -> None:
    """Raises InvalidField where it is empty or endless, a role unknown or a content blank."""
    if not messages:
        raise InvalidField(field, "is empty")
    if len(messages) > MAX_TURNS:
        raise InvalidField(field, f"{len(messages)} messages; at most {MAX_TURNS} are allowed")
    for i, message in enumerate(messages):
        if message.role not in ROLES:
            raise InvalidField(
                f"{field}[{i}].role", f"{message.role!r} is none of {', '.join(ROLES)}"
            )
        if not message.content.strip():
            raise InvalidField(f"{field}[{i}].content", "is empty")
