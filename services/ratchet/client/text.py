"""How callers may write a prompt and an answer, and what goes over the wire."""

import struct
from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeGuard

from ratchet.v1.chat_pb2 import Message

TokenIds: TypeAlias = Sequence[int]
Prompt: TypeAlias = str | Sequence[Mapping[str, str]] | TokenIds
"""A user's one turn, a conversation of {"role", "content"}, or token ids taken as they are."""
Completion: TypeAlias = str | TokenIds


def is_token_ids(value: object) -> TypeGuard[TokenIds]:
    """Whether these are token ids, of which there must be one at least."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return False
    return bool(value) and isinstance(value[0], int)


def packed(text: Prompt) -> bytes:
    """Token ids, little-endian uint32; nothing of a text.

    Raises:
        ValueError: an id is outside 0 .. 2**32 - 1.
    """
    if not is_token_ids(text):
        return b""
    try:
        return struct.pack(f"<{len(text)}I", *text)
    except struct.error as error:
        raise ValueError(f"token ids: {error}") from None


def messages(prompt: Prompt) -> list[Message]:
    """The turns of a prompt; none of token ids.

    Raises:
        ValueError: a turn lacks its role or content.
    """
    if isinstance(prompt, str):
        return [Message(role="user", content=prompt)]
    if is_token_ids(prompt):
        return []
    return [_message(turn, i) for i, turn in enumerate(prompt)]


def plain(completion: Completion) -> str:
    """An answer's text; empty of token ids.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(completion, str):
        return completion
    if not is_token_ids(completion):
        raise ValueError("completion: neither a text nor token ids")
    return ""


def _message(turn: object, i: int) -> Message:
    if not isinstance(turn, Mapping):
        raise ValueError(f"messages[{i}]: not a role with a content")
    for name in ("role", "content"):
        if not isinstance(turn.get(name), str):
            raise ValueError(f"messages[{i}].{name}: not a text")
    return Message(role=turn["role"], content=turn["content"])
