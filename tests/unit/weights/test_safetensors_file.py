"""Headers of safetensors files: what is true is read, what is not is refused."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from safetensors.numpy import save, save_file

from ratchet.weights.safetensors_file import BadTensorFile, is_finite, read_entries

DTYPES = st.sampled_from([np.float32, np.float16, np.float64, np.int64, np.uint8, np.bool_])
SHAPES = st.lists(st.integers(0, 4), max_size=3).map(tuple)
ARRAYS = st.dictionaries(
    st.text("abc.", min_size=1, max_size=6), st.tuples(DTYPES, SHAPES), min_size=1, max_size=5
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files") / "model.safetensors"


@given(arrays=ARRAYS)
def test_names_shapes_and_bytes_are_those_that_were_saved(path: Path, arrays) -> None:
    tensors = {name: np.ones(shape, dtype) for name, (dtype, shape) in arrays.items()}
    save_file(tensors, path)
    entries = read_entries(path)
    data = path.read_bytes()
    assert entries.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert entries[name].shape == tensor.shape
        assert data[entries[name].start : entries[name].end] == tensor.tobytes()
        assert is_finite(path, entries[name])


@given(data=st.binary(max_size=200))
def test_other_bytes_are_refused_and_nothing_worse(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with contextlib.suppress(BadTensorFile):
        assert read_entries(path) == {}


@given(cut=st.integers(1, 60), tail=st.binary(max_size=9))
def test_a_cut_or_longer_file_is_refused(path: Path, cut: int, tail: bytes) -> None:
    whole = save({"a": np.arange(8, dtype=np.float32), "b": np.ones(3, np.float16)})
    assume(len(tail) != cut)
    path.write_bytes(whole[:-cut] + tail)
    with pytest.raises(BadTensorFile):
        read_entries(path)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_is_found(path: Path, dtype: type, value: float) -> None:
    tensor = np.zeros(70_000, dtype)
    save_file({"a": tensor}, path)
    assert is_finite(path, read_entries(path)["a"])
    tensor[69_999] = value
    save_file({"a": tensor}, path)
    assert not is_finite(path, read_entries(path)["a"])
