"""The folder in which everything of one system is kept, and who may use it."""

import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ratchet.process.config import ConfigError

NEEDED_BYTES = 6 * 1024**3
"""Eight policy versions of 270 MB, one being written, Kafka's log, checkpoints."""


class StateDirectory:
    """Paths below one root. Made by `create`; used by one supervisor at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.kafka = self.root / "kafka"
        self.registry = self.root / "registry"
        self.learner = self.root / "learner"
        self.logs = self.root / "logs"
        self.config = self.root / "config"
        self.lock_file = self.root / "lock"
        self.compute_lease = self.root / "compute.lease"
        self.endpoints = self.root / "endpoints.json"
        self.overrides = self.root / "overrides.toml"
        self.page_key = self.root / "page.key"

    def create(self, needed_bytes: int = NEEDED_BYTES) -> None:
        """Makes the folders.

        Raises:
            ConfigError: they cannot be made, or the disk has too little room.
        """
        try:
            for folder in (self.kafka, self.registry, self.learner, self.logs, self.config):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"{self.root}: cannot be used: {error.strerror}") from None
        free = shutil.disk_usage(self.root).free
        if free < needed_bytes:
            raise ConfigError(
                f"{self.root}: {free / 1e9:.1f} GB of disk are free, {needed_bytes / 1e9:.1f} GB "
                "are needed"
            )

    @contextmanager
    def locked(self) -> Generator[None]:
        """Holds the folder for this process; a dead holder's lock falls free by itself.

        Raises:
            ConfigError: another process holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        file = os.open(self.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _try_lock(file):
                pid = os.pread(file, 20, 0).decode().strip()
                raise ConfigError(f"{self.root}: ratchet is running there already (pid {pid})")
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
            yield
        finally:
            os.close(file)

    def is_locked(self) -> bool:
        """Whether a supervisor runs on this folder."""
        if not self.lock_file.exists():
            return False
        file = os.open(self.lock_file, os.O_RDWR | os.O_CLOEXEC)
        try:
            return not _try_lock(file)
        finally:
            os.close(file)


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
