import contextlib
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.stream.record import parse
from ratchet.stream.topics import PROMPTS
from ratchet.v1.prompt_pb2 import Prompt


def raw(value: bytes | None, key: bytes | None = b"k") -> SimpleNamespace:
    return SimpleNamespace(partition=2, offset=7, key=key, value=value, timestamp=99)


@given(st.text(), st.text(min_size=1))
def test_what_was_written_is_read(key: str, prompt_id: str):
    prompt = Prompt(prompt_id=prompt_id)
    record = parse(PROMPTS, raw(prompt.SerializeToString(), key.encode()))
    assert (record.topic, record.partition, record.offset) == ("prompts", 2, 7)
    assert (record.key, record.value, record.timestamp_ms) == (key, prompt, 99)


def test_a_field_that_is_not_known_is_ignored():
    value = Prompt(prompt_id="p").SerializeToString() + b"\xf8\x7f\x01"  # field 2047
    assert parse(PROMPTS, raw(value)).value.prompt_id == "p"


@pytest.mark.parametrize(
    ("value", "key", "reason"),
    [
        (b"junk", b"k", "the value is no Prompt"),
        (b"\x0a\x02\xff\xfe", b"k", "the value is no Prompt"),  # invalid UTF-8 in prompt_id
        (b"", b"k", "the value is empty"),
        (None, b"k", "the value is empty"),
        (b"\x0a\x01p", b"\xff", "the key is not UTF-8"),
    ],
)
def test_junk_says_why(value: bytes | None, key: bytes, reason: str):
    with pytest.raises(ValueError, match=reason):
        parse(PROMPTS, raw(value, key))


@given(st.binary())
def test_no_bytes_raise_anything_else(value: bytes):
    with contextlib.suppress(ValueError):
        assert isinstance(parse(PROMPTS, raw(value)).value, Prompt)
