"""Files of protobuf messages, each behind its length."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from google.protobuf.message import Message
from google.protobuf.proto import parse_length_prefixed, serialize_length_prefixed

M = TypeVar("M", bound=Message)


def write_messages(path: Path, messages: Iterable[Message]) -> None:
    """Writes the messages in order; an existing file is replaced."""
    with path.open("wb") as file:
        for message in messages:
            serialize_length_prefixed(message, cast(BytesIO, file))


def read_messages(path: Path, message_type: type[M]) -> Iterator[M]:
    """The messages in order."""
    with path.open("rb") as file:
        while (message := _next_message(message_type, file)) is not None:
            yield message


def _next_message(message_type: type[M], file: BinaryIO) -> M | None:
    """The stubs know neither files nor the None at the end of one."""
    return parse_length_prefixed(message_type, cast(BytesIO, file))
