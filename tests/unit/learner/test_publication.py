"""The outbox made known: twice changes nothing, and what is lost is said."""

from pathlib import Path

import pytest
from tests.unit.weights.versions import fill

from ratchet.learner.publication import FolderLost, Publication
from ratchet.v1.weights_pb2 import (
    GateReport,
    Manifest,
    Pointer,
    Role,
    VersionStatus,
    WeightsRecord,
)
from ratchet.weights.registry import Registry

POLICY, JUDGE = Role.ROLE_POLICY, Role.ROLE_JUDGE


class Announced:
    """Stands for the topic `weights`."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def announce(self, manifest: Manifest) -> None:
        status = VersionStatus.Name(manifest.status).removeprefix("VERSION_STATUS_").lower()
        self.said.append(f"{manifest.version} {status} {len(manifest.files)} files")

    def point(self, pointer: Pointer) -> None:
        self.said.append(f"-> {pointer.version} epoch {pointer.epoch}")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path)


@pytest.fixture
def announced() -> Announced:
    return Announced()


@pytest.fixture
def publication(registry: Registry, announced: Announced) -> Publication:
    return Publication(registry, announced)  # pyright: ignore[reportArgumentType]


def candidate(version: int) -> list[WeightsRecord]:
    status = VersionStatus.VERSION_STATUS_CANDIDATE
    return [
        WeightsRecord(manifest=Manifest(role=POLICY, version=version, status=status)),
        WeightsRecord(pointer=Pointer(role=POLICY, version=version, epoch=version)),
    ]


def test_a_version_is_written_then_announced_then_pointed_to(
    publication: Publication, registry: Registry, announced: Announced
) -> None:
    publication.send(candidate(2), served_policy=2, fill=fill)
    assert registry.versions(POLICY) == [2]
    assert announced.said == ["2 candidate 3 files", "-> 2 epoch 2"]
    assert "policy 2" in (registry.folder(POLICY, 2) / "README.md").read_text()


def test_sent_again_after_a_crash_the_folder_is_not_written_again(
    publication: Publication, announced: Announced
) -> None:
    publication.send(candidate(2), served_policy=2, fill=fill)
    publication.send(candidate(2), served_policy=2, fill=lambda folder: pytest.fail("again"))
    assert announced.said[:2] == announced.said[2:]


def test_a_new_status_is_announced_with_its_report_and_kept(
    publication: Publication, registry: Registry, announced: Announced
) -> None:
    publication.send(candidate(2), served_policy=2, fill=fill)
    report = GateReport(passed=True, reason="Fine.")
    proven = Manifest(
        role=POLICY,
        version=2,
        status=VersionStatus.VERSION_STATUS_SERVING,
        gate_report=report,
    )
    publication.send([WeightsRecord(manifest=proven)], served_policy=3, fill=fill)
    assert announced.said[-1] == "2 serving 3 files"
    assert registry.manifest(POLICY, 2).gate_report == report


@pytest.mark.parametrize(("role", "version"), [(POLICY, 1), (JUDGE, 2)])
def test_what_cannot_be_made_again_is_an_error(
    publication: Publication, role: Role, version: int
) -> None:
    lost = WeightsRecord(manifest=Manifest(role=role, version=version))
    with pytest.raises(FolderLost, match=f"{version}"):
        publication.send([lost], served_policy=2, fill=fill)


def test_pruning_keeps_the_first_what_is_needed_and_the_newest(
    publication: Publication, registry: Registry
) -> None:
    for version in range(1, 8):
        publication.send(candidate(version), served_policy=version, fill=fill)
    publication.prune(POLICY, keep=[3], newest=2)
    assert registry.versions(POLICY) == [1, 3, 6, 7]


def test_a_pruned_version_can_still_be_turned_down(
    publication: Publication, registry: Registry, announced: Announced
) -> None:
    for version in range(1, 4):
        publication.send(candidate(version), served_policy=version, fill=fill)
    publication.prune(POLICY, keep=[], newest=1)
    status = VersionStatus.VERSION_STATUS_ROLLED_BACK
    turned_down = Manifest(role=POLICY, version=2, status=status)
    publication.send([WeightsRecord(manifest=turned_down)], served_policy=3, fill=fill)
    assert announced.said[-1] == "2 rolled_back 3 files"
    assert registry.manifest(POLICY, 2).status == status
    assert registry.versions(POLICY) == [1, 3]
