"""What the topic `weights` says, whatever the order in which it comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.v1.weights_pb2 import (
    VERSION_STATUS_CANDIDATE,
    VERSION_STATUS_REJECTED,
    VERSION_STATUS_SERVING,
    FileDigest,
    Manifest,
    Pointer,
    Role,
    VersionStatus,
    WeightsRecord,
)
from ratchet.weights.ledger import Ledger, RecordRefused

POLICY, JUDGE = Role.ROLE_POLICY, Role.ROLE_JUDGE


def pointer(version: int, epoch: int, role: Role = POLICY) -> WeightsRecord:
    return WeightsRecord(pointer=Pointer(role=role, version=version, epoch=epoch))


def manifest(version: int, sha256: str = "a") -> WeightsRecord:
    files = [FileDigest(path="model.safetensors", sha256=sha256)]
    return WeightsRecord(manifest=Manifest(role=POLICY, version=version, files=files))


def test_an_older_announcement_that_comes_again_is_ignored() -> None:
    ledger = Ledger()
    assert ledger.apply(pointer(2, epoch=5))
    assert not ledger.apply(pointer(1, epoch=4))
    assert not ledger.apply(pointer(9, epoch=5))
    assert ledger.pointers[POLICY].version == 2


def test_a_rollback_is_an_older_version_under_a_newer_epoch() -> None:
    ledger = Ledger()
    ledger.apply(pointer(2, epoch=5))
    assert ledger.apply(pointer(1, epoch=6))
    assert ledger.pointers[POLICY].version == 1


@given(st.permutations(range(1, 8)))
def test_the_highest_epoch_is_in_force_in_any_order(epochs: list[int]) -> None:
    ledger = Ledger()
    for epoch in epochs:
        ledger.apply(pointer(10 - epoch, epoch))
        ledger.apply(pointer(epoch, epoch, JUDGE))
    assert ledger.pointers[POLICY].version == 3
    assert ledger.pointers[JUDGE].version == 7


def test_a_version_cannot_change_its_files() -> None:
    ledger = Ledger()
    ledger.apply(manifest(1))
    ledger.apply(manifest(1))
    with pytest.raises(RecordRefused, match="other files"):
        ledger.apply(manifest(1, sha256="b"))


@pytest.mark.parametrize("record", [pointer(0, 1), WeightsRecord(manifest=Manifest(version=1))])
def test_a_record_that_names_no_version_or_role_is_refused(record: WeightsRecord) -> None:
    with pytest.raises(RecordRefused):
        Ledger().apply(record)


def test_the_manifest_of_a_pointer_may_come_before_or_after_it() -> None:
    ledger = Ledger()
    wanted = Pointer(role=POLICY, version=3, epoch=1)
    assert ledger.manifest_of(wanted) is None
    ledger.apply(manifest(3))
    found = ledger.manifest_of(wanted)
    assert found is not None
    assert found.version == 3


def test_the_candidate_is_the_newest_unproven_version_after_the_one_in_force() -> None:
    ledger = Ledger()

    def announce(version: int, status: VersionStatus, role: Role = JUDGE) -> None:
        manifest = Manifest(role=role, version=version, status=status)
        ledger.apply(WeightsRecord(manifest=manifest))

    def candidate() -> int:
        found = ledger.candidate(JUDGE)
        return found.version if found else 0

    announce(9, VERSION_STATUS_CANDIDATE, POLICY)
    assert candidate() == 0
    announce(1, VERSION_STATUS_CANDIDATE)
    announce(3, VERSION_STATUS_CANDIDATE)
    announce(4, VERSION_STATUS_REJECTED)
    assert candidate() == 3, "before any is in force"
    announce(2, VERSION_STATUS_SERVING)
    ledger.apply(pointer(2, 1, JUDGE))
    assert candidate() == 3
    announce(5, VERSION_STATUS_SERVING)
    ledger.apply(pointer(5, 2, JUDGE))
    assert candidate() == 0, "what is older than the one in force waits for nothing"
    announce(6, VERSION_STATUS_CANDIDATE)
    assert candidate() == 6
    announce(6, VERSION_STATUS_REJECTED)
    assert candidate() == 0
