"""What a request must be before a judge sees it. All raise InvalidField."""

from collections.abc import Sequence

from ratchet.judge.judges.base import Item
from ratchet.process.conversation import check_conversation
from ratchet.process.errors import InvalidField
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import (
    CompareRequest,
    CritiqueRequest,
    ScoreGroupRequest,
    ScoreRequest,
)

ID_BYTES = 4


def score_items(request: ScoreRequest, max_items: int, max_text_bytes: int) -> list[Item]:
    """The items of a Score request."""
    _check_count("items", len(request.items), max_items)
    items: list[Item] = []
    for i, asked in enumerate(request.items):
        item = Item(
            asked.messages,
            asked.completion,
            f"items[{i}].messages",
            f"items[{i}].completion",
            asked.prompt_token_ids,
            asked.completion_token_ids,
        )
        _check_prompt(item, max_text_bytes)
        _check_completion(item, max_text_bytes)
        items.append(item)
    return items


def group_items(request: ScoreGroupRequest, max_items: int, max_text_bytes: int) -> list[Item]:
    """One item for each completion of a ScoreGroup request."""
    if request.completions and request.completion_token_ids:
        raise InvalidField("completions", "completion_token_ids are given too")
    ids = bool(request.completion_token_ids)
    name = "completion_token_ids" if ids else "completions"
    count = len(request.completion_token_ids if ids else request.completions)
    _check_count(name, count, max_items)
    items = [
        Item(
            request.messages,
            "" if ids else request.completions[i],
            "messages",
            f"{name}[{i}]",
            request.prompt_token_ids,
            request.completion_token_ids[i] if ids else b"",
        )
        for i in range(count)
    ]
    _check_prompt(items[0], max_text_bytes)
    for item in items:
        _check_completion(item, max_text_bytes)
    return items


def pair_items(request: CompareRequest, max_text_bytes: int) -> tuple[Item, Item]:
    """Both answers of a Compare request."""
    prompt = request.messages
    ids = request.prompt_token_ids
    a = Item(
        prompt,
        request.completion_a,
        "messages",
        "completion_a",
        ids,
        request.completion_a_token_ids,
    )
    b = Item(
        prompt,
        request.completion_b,
        "messages",
        "completion_b",
        ids,
        request.completion_b_token_ids,
    )
    _check_prompt(a, max_text_bytes)
    for item in (a, b):
        _check_completion(item, max_text_bytes)
    return a, b


def critique_item(request: CritiqueRequest, max_text_bytes: int) -> Item:
    """The answer of a Critique request."""
    item = Item(request.messages, request.completion, "messages", "completion")
    _check_messages(request.messages, "messages", max_text_bytes)
    _check_text(request.completion, "completion", max_text_bytes)
    return item


def _check_count(field: str, count: int, max_items: int) -> None:
    if not 1 <= count <= max_items:
        raise InvalidField(field, f"{count} items; wanted are 1 to {max_items}")


def _check_prompt(item: Item, max_text_bytes: int) -> None:
    if not item.prompt_token_ids:
        _check_messages(item.messages, item.messages_field, max_text_bytes)
    elif problem := _problem(item.prompt_token_ids, item.messages, max_text_bytes):
        field = item.messages_field.removesuffix("messages") + "prompt_token_ids"
        raise InvalidField(field, problem)


def _check_completion(item: Item, max_text_bytes: int) -> None:
    if not item.completion_token_ids:
        _check_text(item.completion, item.completion_field, max_text_bytes)
    elif problem := _problem(item.completion_token_ids, item.completion, max_text_bytes):
        field = item.completion_field
        raise InvalidField(field if "token_ids" in field else f"{field}_token_ids", problem)


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


def _problem(packed: bytes, text: Sequence[object], max_text_bytes: int) -> str:
    """What is wrong with token ids, which stand in a text's place; nothing where they are fine."""
    if text:
        return "the text is given too"
    if len(packed) % ID_BYTES:
        return f"{len(packed)} packed bytes are no multiple of {ID_BYTES}"
    if len(packed) > ID_BYTES * max_text_bytes:
        return f"{len(packed) // ID_BYTES} token ids; at most {max_text_bytes} are allowed"
    return ""
