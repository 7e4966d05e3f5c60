"""Reading what a safetensors file says of its tensors, without loading them.

Format: 8 bytes length of the header (little endian), the header (JSON), the data
(https://github.com/huggingface/safetensors#format).
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

MAX_HEADER_BYTES = 100 * 1024 * 1024
CHUNK_ELEMENTS = 1 << 20

# A float is infinite or not a number where all bits of its exponent are set (for F8_E4M3, which
# has no infinity, all bits but the sign).
_EXPONENT_MASKS: dict[str, tuple[type[np.unsignedinteger[Any]], int]] = {
    "F64": (np.uint64, 0x7FF0_0000_0000_0000),
    "F32": (np.uint32, 0x7F80_0000),
    "BF16": (np.uint16, 0x7F80),
    "F16": (np.uint16, 0x7C00),
    "F8_E5M2": (np.uint8, 0x7C),
    "F8_E4M3": (np.uint8, 0x7F),
}
_INTEGER_BYTES = dict(BOOL=1, U8=1, I8=1, U16=2, I16=2, U32=4, I32=4, U64=8, I64=8)
_FLOAT_BYTES = {
    dtype: np.dtype(unsigned).itemsize for dtype, (unsigned, _) in _EXPONENT_MASKS.items()
}
_ELEMENT_BYTES = _INTEGER_BYTES | _FLOAT_BYTES


class BadTensorFile(Exception):
    """The file is no whole, plain safetensors file."""


@dataclass(frozen=True)
class TensorEntry:
    """One tensor: what it is, and its bytes [start, end) in the file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


def read_entries(path: Path) -> dict[str, TensorEntry]:
    """The tensors by name. They fill the file without a gap or overlap.

    Raises:
        BadTensorFile: they do not, or the header makes no sense.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        if size < 8 or header_bytes > min(size - 8, MAX_HEADER_BYTES):
            raise BadTensorFile("is truncated or no safetensors file")
        try:
            header: Any = json.loads(file.read(header_bytes))
            header.pop("__metadata__", None)
            base = 8 + header_bytes
            entries = {str(name): _entry(fields, base) for name, fields in header.items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BadTensorFile("has a header that is not safetensors'") from None
    position = base
    for entry in sorted(entries.values(), key=lambda entry: (entry.start, entry.end)):
        if entry.start != position:
            raise BadTensorFile("has a gap or an overlap between tensors")
        position = entry.end
    if position != size:
        raise BadTensorFile(f"has {size} bytes, its tensors say {position}")
    return entries


def is_finite(path: Path, entry: TensorEntry) -> bool:
    """Whether no element is infinite or not a number; true of integers."""
    if entry.dtype in _INTEGER_BYTES or entry.start == entry.end:
        return True
    unsigned, mask = _EXPONENT_MASKS[entry.dtype]
    data = np.memmap(path, np.uint8, "r", entry.start, (entry.end - entry.start,)).view(unsigned)
    for first in range(0, len(data), CHUNK_ELEMENTS):
        # Exponents are ordered: one of all ones is there if it is the largest.
        if (data[first : first + CHUNK_ELEMENTS] & unsigned(mask)).max() == mask:
            return False
    return True


def _entry(fields: dict[str, Any], base: int) -> TensorEntry:
    dtype, shape = fields["dtype"], tuple(cast("list[int]", fields["shape"]))
    start, end = cast("list[int]", fields["data_offsets"])
    if not all(type(number) is int and number >= 0 for number in (*shape, start, end)):
        raise ValueError("not natural numbers")
    if end - start != math.prod(shape) * _ELEMENT_BYTES[dtype]:
        raise ValueError("the data does not suit the shape")
    return TensorEntry(dtype, shape, base + start, base + end)
