"""A checkpoint is there whole or not at all, with what a rollback needs."""

from pathlib import Path

import pytest
from tests.unit.learner.groups import judged

from ratchet.learner.checkpoint import Checkpoint, CheckpointStore
from ratchet.learner.lineage import Lineage
from ratchet.learner.state import LearnerState
from ratchet.v1.weights_pb2 import Manifest, Pointer, WeightsRecord


def checkpoint(serving: int = 1, floor: int = 1) -> Checkpoint:
    lineage = Lineage(role="ROLE_POLICY", newest=serving, serving=serving, floor=floor, epoch=3)
    return Checkpoint(
        state=LearnerState(policy=lineage, offsets={"judgements": {0: 41}}, updates=7),
        waiting=[judged(1), judged(2)],
        floor_answers=[judged(3)],
        outbox=[
            WeightsRecord(manifest=Manifest(version=serving)),
            WeightsRecord(pointer=Pointer(version=serving, epoch=3)),
        ],
    )


def save_trainer(folder: Path) -> None:
    (folder / "trainer.pt").write_bytes(b"weights")


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    saved = checkpoint()
    CheckpointStore(tmp_path).save(saved, save_trainer)
    store = CheckpointStore(tmp_path)
    assert store.load() == saved
    assert (store.trainer(1) / "trainer.pt").read_bytes() == b"weights"


def test_before_the_first_there_is_none(tmp_path: Path) -> None:
    assert CheckpointStore(tmp_path).load() is None


def test_the_newest_is_loaded_and_what_a_crash_left_is_removed(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path)
    store.save(checkpoint(serving=1), save_trainer)
    store.save(checkpoint(serving=2), save_trainer)
    store.save(checkpoint(serving=3), save_trainer)
    half = tmp_path / ".000004.aside"
    half.mkdir()
    (half / "state.json").write_text("{")
    half_removed = tmp_path / "000001"
    half_removed.mkdir()
    loaded = store.load()
    store.prune_trainers(keep=[])
    assert loaded is not None
    assert loaded.state.policy.serving == 3
    assert not half.exists() and not half_removed.exists()


def test_a_save_that_fails_leaves_the_one_before(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path)
    store.save(checkpoint(serving=1), save_trainer)

    def fail(folder: Path) -> None:
        save_trainer(folder)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        store.save(checkpoint(serving=2), fail)
    loaded = CheckpointStore(tmp_path).load()
    assert loaded is not None
    assert loaded.state.policy.serving == 1
    assert not store.trainer(2).exists()


def test_trainers_are_kept_that_a_checkpoint_or_an_operator_may_go_back_to(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path)
    for serving in range(1, 8):
        store.save(checkpoint(serving=serving, floor=2 if serving > 1 else 1), save_trainer)
    store.prune_trainers(keep=[4])
    kept = [version for version in range(1, 8) if store.trainer(version).exists()]
    assert kept == [2, 4, 6, 7], "the floor, what is asked for, what the newest checkpoints serve"


def test_a_trainer_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path)
    store.save(checkpoint(), save_trainer)
    store.save(checkpoint(), lambda folder: pytest.fail("version 1 has its trainer's state"))
