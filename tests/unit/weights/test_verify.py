"""What must never reach what is being served."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.unit.weights.versions import TENSORS, publish

from ratchet.v1.weights_pb2 import FileDigest, Manifest, Role
from ratchet.weights.files import digest
from ratchet.weights.registry import Registry
from ratchet.weights.verify import VersionRejected, verify, verify_published

POLICY = Role.ROLE_POLICY


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registry")


def spoil(registry: Registry, version: int, change: Callable[[bytes], bytes]) -> None:
    path = registry.folder(POLICY, version) / "model.safetensors"
    path.write_bytes(change(path.read_bytes()))


def test_a_sound_version_passes(registry: Registry) -> None:
    publish(registry, 1)
    publish(registry, 2, layer_bias=np.full(3, 7, np.float32))
    verify_published(registry, POLICY, 1)
    verify_published(registry, POLICY, 2)


def flip_a_bit(data: bytes) -> bytes:
    return data[:-2] + bytes([data[-2] ^ 4]) + data[-1:]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data[:-5], "bytes"),
        (lambda data: data + b"\0", "bytes"),
        (flip_a_bit, "another sha256"),
    ],
)
def test_a_truncated_longer_or_flipped_file_is_rejected(
    registry: Registry, change: Callable[[bytes], bytes], reason: str
) -> None:
    publish(registry, 1)
    spoil(registry, 1, change)
    with pytest.raises(VersionRejected, match=reason):
        verify_published(registry, POLICY, 1)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"layer_bias": np.ones(4, np.float32)}, "tensor layer.bias is F32 .4., not F32 .3."),
        ({"layer_bias": np.ones(3, np.float16)}, "tensor layer.bias is F16"),
        ({"layer_extra": np.ones(3, np.float32)}, "tensor layer.extra is unknown"),
        ({"layer_bias": np.array([1, np.nan, 1], np.float32)}, "layer.bias is not finite"),
        (
            {"layer_weight": np.full_like(TENSORS["layer.weight"], np.inf)},
            "layer.weight is not finite",
        ),
    ],
)
def test_tensors_unlike_the_first_versions_or_not_finite_are_rejected(
    registry: Registry, changed: dict[str, np.ndarray], reason: str
) -> None:
    publish(registry, 1)
    publish(registry, 2, **changed)
    with pytest.raises(VersionRejected, match=reason):
        verify_published(registry, POLICY, 2)


def test_a_missing_tensor_is_rejected(registry: Registry) -> None:
    publish(registry, 1, layer_extra=np.ones(3, np.float32))
    publish(registry, 2)
    with pytest.raises(VersionRejected, match=r"tensor layer\.extra is missing"):
        verify_published(registry, POLICY, 2)


@pytest.mark.parametrize("path", ["../escape", "/etc/passwd", "a/../../b"])
def test_a_manifest_that_names_a_file_outside_is_rejected(registry: Registry, path: str) -> None:
    manifest = publish(registry, 1)
    manifest.files.append(FileDigest(path=path, sha256="0" * 64, bytes=1))
    with pytest.raises(VersionRejected, match="outside"):
        verify(registry.folder(POLICY, 1), manifest)


@pytest.mark.parametrize("uri", ["../policy/000001", "/policy/000001"])
def test_an_address_outside_the_registry_is_rejected(registry: Registry, uri: str) -> None:
    manifest = publish(registry, 1)
    manifest.uri = uri
    with pytest.raises(VersionRejected, match="outside"):
        verify(registry.folder(POLICY, 1), manifest)


def test_links_are_rejected(registry: Registry, tmp_path: Path) -> None:
    manifest = publish(registry, 1)
    folder = registry.folder(POLICY, 1)
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to(tmp_path)
    with pytest.raises(VersionRejected, match="link"):
        verify(folder, manifest)
    linked = tmp_path / "linked"
    linked.symlink_to(folder)
    with pytest.raises(VersionRejected, match="no folder"):
        verify(linked, manifest)


def test_a_file_that_nobody_listed_is_rejected(registry: Registry) -> None:
    manifest = publish(registry, 1)
    (registry.folder(POLICY, 1) / "extra.txt").write_text("!")
    with pytest.raises(VersionRejected, match=r"extra\.txt"):
        verify(registry.folder(POLICY, 1), manifest)


@pytest.mark.parametrize(
    ("name", "start"),
    [("weights.bin", b"plain"), ("weights.pt", b"PK\x03\x04"), ("data.json", b"\x80\x04")],
)
def test_what_may_be_a_pickle_is_rejected(registry: Registry, name: str, start: bytes) -> None:
    manifest = publish(registry, 1)
    folder = registry.folder(POLICY, 1)
    (folder / name).write_bytes(start + b" ...")
    with_it = Manifest(role=POLICY, version=1, uri=manifest.uri, files=digest(folder))
    with pytest.raises(VersionRejected, match="pickle"):
        verify(folder, with_it)


def test_a_version_without_tensors_is_rejected(registry: Registry) -> None:
    staged = registry.stage(POLICY)
    (staged / "config.json").write_text("{}")
    manifest = registry.publish(staged, Manifest(role=POLICY, version=1))
    with pytest.raises(VersionRejected, match="no tensors"):
        verify(registry.folder(POLICY, 1), manifest)
