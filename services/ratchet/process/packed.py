"""Numbers as packed bytes, little-endian, as the protobuf messages carry them."""

import struct
from collections.abc import Sequence
from typing import cast


def pack_u32(ids: Sequence[int]) -> bytes:
    """Packs token ids; ValueError where one is outside 0 .. 2**32 - 1."""
    return _pack("I", ids)


def unpack_u32(packed: bytes) -> list[int]:
    """The token ids; ValueError where the length is no multiple of 4."""
    return cast("list[int]", list(_unpack("I", packed)))


def pack_f32(values: Sequence[float]) -> bytes:
    """Packs floats, rounded to 32 bits; ValueError where one is too large for them."""
    return _pack("f", values)


def unpack_f32(packed: bytes) -> list[float]:
    """The floats; ValueError where the length is no multiple of 4."""
    return list(_unpack("f", packed))


def _pack(code: str, values: Sequence[float]) -> bytes:
    try:
        return struct.pack(f"<{len(values)}{code}", *values)
    except (struct.error, OverflowError) as error:
        raise ValueError(f"cannot be packed: {error}") from None


def _unpack(code: str, packed: bytes) -> tuple[float, ...]:
    count, rest = divmod(len(packed), 4)
    if rest:
        raise ValueError(f"{len(packed)} packed bytes are no multiple of 4")
    return struct.unpack(f"<{count}{code}", packed)
