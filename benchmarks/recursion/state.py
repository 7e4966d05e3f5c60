"""What a run knows after a round, whole or not at all."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ratchet.learner.folders import write_folder
from ratchet.learner.message_file import read_messages, write_messages
from ratchet.v1.preference_pb2 import Preference


class Progress(BaseModel):
    """How far a run has come."""

    step: int = -1
    """Updates made; -1: not even the first answers are read."""
    judge_number: int = 0
    """Of the version in force."""
    lines: list[dict[str, Any]] = []
    """One a round, as they are written."""


@dataclass
class RunState:
    """Progress, and what people have said."""

    progress: Progress = field(default_factory=Progress)
    preferences: list[Preference] = field(default_factory=list[Preference])


class StateStore:
    """One folder a round: `state.json`, `preferences.binpb`, and what the parts of a run write.

    A folder is written aside, fsynced and renamed; older ones are deleted after that.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def save(self, state: RunState, parts: Sequence[Callable[[Path], None]]) -> None:
        """Writes the next state; every part fills the same folder."""

        def fill(folder: Path) -> None:
            (folder / "state.json").write_text(state.progress.model_dump_json())
            write_messages(folder / "preferences.binpb", state.preferences)
            for part in parts:
                part(folder)

        rounds = self._rounds()
        write_folder(self._path(max(rounds, default=-1) + 1), fill)
        for number in rounds:
            shutil.rmtree(self._path(number))

    def load(self) -> tuple[RunState, Path] | None:
        """The newest state and its folder; None before the first."""
        for aside in self._folder.glob(".*.aside"):
            shutil.rmtree(aside)
        rounds = self._rounds()
        for number in rounds[:-1]:
            shutil.rmtree(self._path(number))
        if not rounds:
            return None
        folder = self._path(rounds[-1])
        progress = Progress.model_validate_json((folder / "state.json").read_bytes())
        return RunState(
            progress, [*read_messages(folder / "preferences.binpb", Preference)]
        ), folder

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:04d}"

    def _rounds(self) -> list[int]:
        return sorted(int(path.name) for path in self._folder.iterdir() if path.name.isdigit())
