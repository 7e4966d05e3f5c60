"""The files of a version: their digests, and making them safe on disk."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from ratchet.v1.weights_pb2 import FileDigest

MANIFEST = "manifest.json"


class UnsafeFile(Exception):
    """A folder holds something that is neither a plain file nor a folder, such as a link."""


def version_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below a folder but its manifest, by its path relative to the folder, sorted.

    Raises:
        UnsafeFile: there is a link, a device or the like.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise UnsafeFile(f"{path.relative_to(folder)} is a link or no plain file")
        if path.is_file() and path != folder / MANIFEST:
            yield path.relative_to(folder).as_posix(), path


def digest(folder: Path) -> list[FileDigest]:
    """The digests that go into a manifest. Raises UnsafeFile."""
    return [
        FileDigest(path=name, sha256=sha256_of(path), bytes=path.stat().st_size)
        for name, path in version_files(folder)
    ]


def sha256_of(path: Path) -> str:
    """Lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Makes one file, or the names in one folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Makes a folder and everything below it survive a power cut."""
    for path in [*folder.rglob("*"), folder]:
        sync(path)


def replace_text(path: Path, text: str) -> None:
    """Writes a file so that a reader meets the old text or the new, whole."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(text, encoding="utf-8")
    sync(aside)
    os.replace(aside, path)
    sync(path.parent)
