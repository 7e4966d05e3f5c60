import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.process.packed import pack_f32, pack_u32, unpack_f32, unpack_u32


@given(st.lists(st.integers(0, 2**32 - 1)))
def test_ids_come_back(ids: list[int]):
    assert unpack_u32(pack_u32(ids)) == ids


@given(st.lists(st.floats(width=32, allow_nan=False)))
def test_floats_of_32_bits_come_back(values: list[float]):
    assert unpack_f32(pack_f32(values)) == values


def test_layout_is_little_endian():
    assert pack_u32([1, 258]) == bytes([1, 0, 0, 0, 2, 1, 0, 0])
    assert pack_f32([1.0]) == bytes([0, 0, 0x80, 0x3F])


@given(st.binary().filter(lambda packed: len(packed) % 4))
def test_a_wrong_length_is_a_value_error(packed: bytes):
    for unpack in (unpack_u32, unpack_f32):
        with pytest.raises(ValueError, match="multiple of 4"):
            unpack(packed)


@pytest.mark.parametrize("ids", [[-1], [2**32]])
def test_an_id_that_does_not_fit_is_a_value_error(ids: list[int]):
    with pytest.raises(ValueError, match="cannot be packed"):
        pack_u32(ids)


def test_a_float_that_does_not_fit_is_a_value_error():
    with pytest.raises(ValueError, match="cannot be packed"):
        pack_f32([1e300])
