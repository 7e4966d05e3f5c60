"""What the learner knows, whole or not at all.

A checkpoint is closed: whatever was read up to its offsets was applied, was discarded, or waits in
it. What it has decided and not yet made known is in its outbox. So a crash at any line loses
nothing and trains on nothing twice: the next start loads the newest checkpoint and sends the outbox
again, which changes nothing where it had been sent.

Layout: `{number}/` holds `state.json` and one file of messages for each list; `trainers/{version}/`
holds the trainer's state of a policy version. Both are written aside, fsynced and renamed; a
trainer's state before the checkpoint that names it.
"""

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from ratchet.learner.folders import write_folder
from ratchet.learner.message_file import read_messages, write_messages
from ratchet.learner.state import LearnerState
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.weights_pb2 import ROLE_POLICY, WeightsRecord
from ratchet.weights.registry import Registry

KEPT = 2
"""Checkpoints kept, with the trainer's states of the versions that they serve and fall back to."""


@dataclass
class Checkpoint:
    """The state and the messages that belong to it."""

    state: LearnerState = field(default_factory=LearnerState)
    waiting: list[JudgedGroup] = field(default_factory=list[JudgedGroup])
    """Groups that no update has used yet."""
    floor_answers: list[JudgedGroup] = field(default_factory=list[JudgedGroup])
    """The floor's answers to all gate prompts of its time; empty until they are there."""
    round_answers: list[JudgedGroup] = field(default_factory=list[JudgedGroup])
    """Answers of the version that answers the gate prompts now, so far."""
    outbox: list[WeightsRecord] = field(default_factory=list[WeightsRecord])


class CheckpointLost(Exception):
    """There is no checkpoint, yet versions that only a checkpoint can go on from."""


def first_checkpoint(registry: Registry) -> Checkpoint:
    """Of a learner that has just begun.

    Raises:
        CheckpointLost: it has begun before.
    """
    if any(version > 1 for version in registry.versions(ROLE_POLICY)):
        raise CheckpointLost(
            "the registry holds policy versions, but there is no checkpoint: restore it, or start "
            "with an empty registry and empty topics"
        )
    return Checkpoint()


class CheckpointStore:
    """Checkpoints of one learner in one folder. Not for two processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._trainers = folder / "trainers"
        self._trainers.mkdir(parents=True, exist_ok=True)

    def trainer(self, policy_version: int) -> Path:
        """Folder of the trainer's state of a policy version; it exists if that is still kept."""
        return self._trainers / f"{policy_version:06d}"

    def save(self, checkpoint: Checkpoint, save_trainer: Callable[[Path], None]) -> None:
        """Writes the next checkpoint; `save_trainer` fills a folder if what is served has none."""
        trainer = self.trainer(checkpoint.state.policy.serving)
        if not trainer.exists():
            write_folder(trainer, save_trainer)
        number = max(self._numbers(), default=0) + 1
        write_folder(self._path(number), lambda folder: _write(checkpoint, folder))
        self._prune()

    def load(self) -> Checkpoint | None:
        """The newest checkpoint, None before the first; removes what a crash left half-written."""
        for aside in [*self._folder.glob(".*.aside"), *self._trainers.glob(".*.aside")]:
            shutil.rmtree(aside)
        self._prune()
        numbers = self._numbers()
        return _read(self._path(numbers[-1])) if numbers else None

    def prune_trainers(self, keep: Collection[int]) -> None:
        """Removes the trainer's states of all policy versions but `keep`.

        Those stay, too, that a kept checkpoint serves or falls back to.
        """
        kept = {self.trainer(version) for version in keep}
        for number in self._numbers()[-KEPT:]:
            policy = _read_state(self._path(number)).policy
            kept |= {self.trainer(policy.serving), self.trainer(policy.floor)}
        for unused in [path for path in self._trainers.iterdir() if path not in kept]:
            shutil.rmtree(unused)

    def _prune(self) -> None:
        for number in self._numbers()[:-KEPT]:
            shutil.rmtree(self._path(number))

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}"

    def _numbers(self) -> list[int]:
        return sorted(int(path.name) for path in self._folder.iterdir() if path.name.isdigit())


def _write(checkpoint: Checkpoint, folder: Path) -> None:
    (folder / "state.json").write_text(checkpoint.state.model_dump_json(indent=1))
    write_messages(folder / "waiting.binpb", checkpoint.waiting)
    write_messages(folder / "floor_answers.binpb", checkpoint.floor_answers)
    write_messages(folder / "round_answers.binpb", checkpoint.round_answers)
    write_messages(folder / "outbox.binpb", checkpoint.outbox)


def _read(folder: Path) -> Checkpoint:
    return Checkpoint(
        state=_read_state(folder),
        waiting=list(read_messages(folder / "waiting.binpb", JudgedGroup)),
        floor_answers=list(read_messages(folder / "floor_answers.binpb", JudgedGroup)),
        round_answers=list(read_messages(folder / "round_answers.binpb", JudgedGroup)),
        outbox=list(read_messages(folder / "outbox.binpb", WeightsRecord)),
    )


def _read_state(folder: Path) -> LearnerState:
    return LearnerState.model_validate_json((folder / "state.json").read_bytes())
