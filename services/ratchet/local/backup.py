"""`ratchet backup` and `ratchet restore`: a stopped system's state as one file."""

import argparse
import os
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

from ratchet.local.state import StateDirectory
from ratchet.process.config import ConfigError

MARK = "ratchet-backup"
"""The first member: tells a backup from any other archive."""

LEFT_OUT = {"logs", "lock", "compute.lease", "compute.lease.next", "endpoints.json", "page.key"}


def backup(arguments: argparse.Namespace) -> int:
    """Packs the state; 2 where it is in use or the file cannot be written."""
    return _told(lambda: _backup(StateDirectory(arguments.state), arguments.file))


def restore(arguments: argparse.Namespace) -> int:
    """Unpacks into a directory that is absent or empty; 2 where that cannot be."""
    return _told(lambda: _restore(arguments.file, StateDirectory(arguments.state)))


def _told(work: Callable[[], str]) -> int:
    try:
        print(work())
    except ConfigError as error:
        print(f"ratchet: {error}", file=sys.stderr)
        return 2
    return 0


def _backup(state: StateDirectory, file: Path) -> str:
    if not state.registry.is_dir():
        raise ConfigError(f"{state.root}: no state is there")
    if file.exists():
        raise ConfigError(f"{file}: exists already")
    aside = file.with_name(f".{file.name}.aside")
    # Kafka's log, the registry and the checkpoints belong together: nobody may write meanwhile.
    with state.locked():
        try:
            with tarfile.open(aside, "w") as archive:
                archive.addfile(tarfile.TarInfo(MARK))
                for path in sorted(state.root.iterdir()):
                    if path.name not in LEFT_OUT:
                        archive.add(path, path.name)
            os.replace(aside, file)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise ConfigError(f"{file}: cannot be written: {error.strerror}") from None
    return f"{state.root} is kept in {file} ({file.stat().st_size / 1e6:.0f} MB)"


def _restore(file: Path, state: StateDirectory) -> str:
    if state.root.exists() and any(state.root.iterdir()):
        raise ConfigError(f"{state.root}: is not empty; name a new directory")
    try:
        with tarfile.open(file) as archive:
            first = archive.next()
            if first is None or first.name != MARK:
                raise ConfigError(f"{file}: is no backup of ratchet's")
            state.root.mkdir(parents=True, exist_ok=True)
            with state.locked():
                members = (member for member in archive if member.name != MARK)
                # "data" refuses what would land outside, links and devices.
                archive.extractall(state.root, members, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise ConfigError(f"{file}: cannot be unpacked: {error}") from None
    return f"{file} is unpacked into {state.root}; `ratchet up --state {state.root}` goes on"
