"""Folders that are there whole or not at all."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path


def write_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder aside, fsync it, and rename it to `target`, which must not exist."""
    aside = target.with_name(f".{target.name}.aside")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    fill(aside)
    for path in [*aside.rglob("*"), aside]:
        _sync(path)
    aside.rename(target)
    _sync(target.parent)


def copy_files(source: Path, target: Path) -> None:
    """Copy a version's files, but for its manifest."""
    for path in source.iterdir():
        if path.is_file() and path.name != "manifest.json":
            shutil.copyfile(path, target / path.name)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
