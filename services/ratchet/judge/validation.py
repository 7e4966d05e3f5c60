"""What a request must be before anything is tokenized. All raise InvalidField."""

from collections.abc import Sequence

from ratchet.process.conversation import check_conversation
from ratchet.process.errors import InvalidField
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import CompareRequest, ScoreRequest


def check_score(request: ScoreRequest, max_items: int, max_text_bytes: int) -> None:
    """Checks every item of a Score request."""
    if not 1 <= len(request.items) <= max_items:
        raise InvalidField("items", f"{len(request.items)} items; wanted are 1 to {max_items}")
    for i, item in enumerate(request.items):
        _check_messages(item.messages, f"items[{i}].messages", max_text_bytes)
        _check_text(item.completion, f"items[{i}].completion", max_text_bytes)


def check_compare(request: CompareRequest, max_text_bytes: int) -> None:
    """Checks the prompt and both completions of a Compare request."""
    _check_messages(request.messages, "messages", max_text_bytes)
    _check_text(request.completion_a, "completion_a", max_text_bytes)
    _check_text(request.completion_b, "completion_b", max_text_bytes)


def _check_messages(messages: Sequence[Message], field: str, max_text_bytes: int) -> None:
    check_conversation(messages, field)
    for i, message in enumerate(messages):
        _check_text(message.content, f"{field}[{i}].content", max_text_bytes)
    total = sum(len(message.content.encode()) for message in messages)
    if total > max_text_bytes:
        raise InvalidField(field, f"{total} bytes; at most {max_text_bytes} are allowed")


def _check_text(text: str, field: str, max_text_bytes: int) -> None:
    if not text.strip():
        raise InvalidField(field, "is empty")
    if (found := len(text.encode())) > max_text_bytes:
        raise InvalidField(field, f"{found} bytes; at most {max_text_bytes} are allowed")
