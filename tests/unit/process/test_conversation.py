import pytest

from ratchet.process.conversation import MAX_TURNS, check_conversation
from ratchet.process.errors import InvalidField
from ratchet.v1.chat_pb2 import Message


def turns(count: int) -> list[Message]:
    return [Message(role="user", content="hi")] * count


def test_a_conversation_may_be_as_long_as_allowed_and_no_longer() -> None:
    check_conversation(turns(MAX_TURNS), "messages")
    with pytest.raises(InvalidField, match="messages: 257 messages; at most 256 are allowed"):
        check_conversation(turns(MAX_TURNS + 1), "messages")
