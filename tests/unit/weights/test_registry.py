"""The registry: versions are immutable, and appear whole or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.weights.versions import fill, publish

from ratchet.v1.weights_pb2 import (
    GateFigure,
    GateReport,
    Manifest,
    Role,
    VersionStatus,
)
from ratchet.weights.files import UnsafeFile
from ratchet.weights.registry import ManifestUnreadable, Registry, VersionExists, VersionNotFound

POLICY, JUDGE = Role.ROLE_POLICY, Role.ROLE_JUDGE


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registry")


def test_a_published_version_is_found_with_digests_of_all_its_files(registry: Registry) -> None:
    manifest = publish(registry, 1)
    assert registry.versions(POLICY) == [1]
    assert registry.versions(JUDGE) == []
    assert manifest.uri == "policy/000001"
    assert {file.path for file in manifest.files} == {"config.json", "model.safetensors"}
    assert manifest.created_at > 0
    assert registry.manifest(POLICY, 1) == manifest


def test_publishing_the_same_again_changes_nothing(registry: Registry) -> None:
    first = publish(registry, 1)
    assert publish(registry, 1) == first


def test_a_number_belongs_to_its_files_for_ever(registry: Registry) -> None:
    publish(registry, 1)
    with pytest.raises(VersionExists, match="policy/000001"):
        publish(registry, 1, layer_bias=np.zeros(3, np.float32))
    registry.prune(POLICY, keep=())
    with pytest.raises(VersionExists):
        publish(registry, 1, layer_bias=np.zeros(3, np.float32))


def test_a_link_is_not_published(registry: Registry, tmp_path: Path) -> None:
    staged = registry.stage(POLICY)
    fill(staged)
    (staged / "secret").symlink_to(tmp_path)
    with pytest.raises(UnsafeFile, match="secret"):
        registry.publish(staged, Manifest(role=POLICY, version=1))
    assert registry.versions(POLICY) == []


def test_status_changes_and_nothing_else(registry: Registry) -> None:
    manifest = publish(registry, 1)
    report = GateReport(passed=False, reason="No.", figures=[GateFigure(name="auc", value=0.5)])
    changed = Manifest(
        role=POLICY,
        version=1,
        parent=77,
        status=VersionStatus.VERSION_STATUS_REJECTED,
        gate_report=report,
    )
    registry.record_status(changed)
    found = registry.manifest(POLICY, 1)
    assert found.status == VersionStatus.VERSION_STATUS_REJECTED
    assert found.gate_report == report
    assert (found.parent, found.files) == (manifest.parent, manifest.files)


def test_pruned_versions_are_gone_but_not_forgotten(registry: Registry) -> None:
    manifests = [publish(registry, version) for version in (1, 2, 3)]
    assert registry.prune(POLICY, keep={1, 3}) == [2]
    assert registry.versions(POLICY) == [1, 3]
    assert registry.manifest(POLICY, 2) == manifests[1]
    assert publish(registry, 2) == manifests[1], "made again from the same files"
    assert registry.versions(POLICY) == [1, 2, 3]


def test_what_was_never_published_is_not_found(registry: Registry) -> None:
    with pytest.raises(VersionNotFound, match="policy version 9"):
        registry.manifest(POLICY, 9)


def test_a_manifest_that_is_none_says_where(registry: Registry) -> None:
    publish(registry, 1)
    (registry.folder(POLICY, 1) / "manifest.json").write_text("{")
    with pytest.raises(ManifestUnreadable, match=r"000001/manifest\.json"):
        registry.manifest(POLICY, 1)


def test_killed_before_the_rename_the_version_is_not_there_and_can_be_made_again(
    registry: Registry,
) -> None:
    program = (
        "import sys; from pathlib import Path; from ratchet.weights.registry import Registry;"
        "from tests.unit.weights.versions import publish; publish(Registry(Path(sys.argv[1])), 1)"
    )
    environ = os.environ | {
        "PYTHONPATH": ":".join(sys.path),
        "RATCHET_FAILPOINT": "registry-before-rename",
    }
    command = [sys.executable, "-c", program, str(registry.root)]
    assert subprocess.run(command, env=environ).returncode == -signal.SIGKILL
    assert registry.versions(POLICY) == []
    publish(registry, 1)
    assert registry.versions(POLICY) == [1]


@settings(max_examples=25, deadline=None)
@given(keep=st.sets(st.integers(1, 6)))
def test_pruning_leaves_exactly_what_is_kept(
    keep: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(tmp_path_factory.mktemp("registry"))
    for version in range(1, 5):
        publish(registry, version, role=JUDGE)
    registry.prune(JUDGE, keep)
    assert registry.versions(JUDGE) == sorted(keep & {1, 2, 3, 4})
    assert [registry.manifest(JUDGE, v).version for v in range(1, 5)] == [1, 2, 3, 4]
