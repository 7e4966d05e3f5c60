"""Immutable versions of policy and judge in a folder.

    policy/000007/              what plain transformers loads, and manifest.json as it was published
    policy/000007.status.json   the manifest with the newest status and gate report

A version appears in one rename, whole or not at all. The learner is the only writer.
"""

import re
import shutil
import time
from collections.abc import Collection
from pathlib import Path

from google.protobuf.json_format import MessageToJson, Parse, ParseError

from ratchet.process.failpoint import failpoint
from ratchet.v1.weights_pb2 import Manifest, Role
from ratchet.weights.files import MANIFEST, digest, replace_text, sync, sync_tree
from ratchet.weights.role_name import role_name

_VERSION = re.compile(r"\d{6,}", re.ASCII)


class RegistryError(Exception):
    """The registry cannot do what was asked; `str()` is one line."""


class VersionNotFound(RegistryError):
    """No such version was ever published here."""


class VersionExists(RegistryError):
    """The number belongs to a version with other files."""


class ManifestUnreadable(RegistryError):
    """A manifest or status file is not what the registry wrote."""


class Registry:
    """The versions below one root folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def stage(self, role: Role) -> Path:
        """An empty folder to write the next version into; what was left in it is removed."""
        staged = self._role_folder(role) / ".staged"
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        return staged

    def publish(self, staged: Path, manifest: Manifest) -> Manifest:
        """Turns a staged folder into a version.

        Fills in uri, files and, where unset, created_at. Publishing the same files again returns
        the manifest of the first time.

        Raises:
            VersionExists: the number has been used for other files.
            UnsafeFile: the folder holds a link.
        """
        target = self.folder(manifest.role, manifest.version)
        published = Manifest()
        published.CopyFrom(manifest)
        published.uri = target.relative_to(self.root).as_posix()
        published.created_at = manifest.created_at or time.time()
        del published.files[:]
        published.files.extend(digest(staged))
        if self.is_known(manifest.role, manifest.version):
            known = self.manifest(manifest.role, manifest.version)
            if known.files != published.files:
                raise VersionExists(f"{published.uri} exists with other files")
            if target.exists():
                shutil.rmtree(staged)
                return known
            published = known  # Pruned, and made again: it is what it was.
        (staged / MANIFEST).write_text(MessageToJson(published), encoding="utf-8")
        sync_tree(staged)
        failpoint("registry-before-rename")
        staged.rename(target)
        sync(target.parent)
        return published

    def folder(self, role: Role, version: int) -> Path:
        """Where a version is, or would be."""
        return self._role_folder(role) / f"{version:06d}"

    def manifest(self, role: Role, version: int) -> Manifest:
        """A version's manifest with its newest status, also after it was pruned.

        Raises:
            VersionNotFound: it was never published.
            ManifestUnreadable: what is there is no manifest.
        """
        if not self.is_known(role, version):
            raise VersionNotFound(f"there is no {role_name(role)} version {version} in {self.root}")
        status = self._status_file(role, version)
        recorded = _read(status) if status.exists() else None
        published = self.folder(role, version) / MANIFEST
        if recorded is None or published.exists():
            merged = _read(published)
            if recorded is not None:
                _take_status(merged, recorded)
            return merged
        return recorded

    def versions(self, role: Role) -> list[int]:
        """The versions whose folder is there, in order."""
        folder = self._role_folder(role)
        names = [path.name for path in folder.iterdir()] if folder.exists() else []
        return sorted(int(name) for name in names if _VERSION.fullmatch(name))

    def is_known(self, role: Role, version: int) -> bool:
        """Whether it was ever published, also where its folder was pruned."""
        return self.folder(role, version).exists() or self._status_file(role, version).exists()

    def record_status(self, manifest: Manifest) -> None:
        """Keeps a published version's status and gate report; nothing else of it can change.

        Raises:
            VersionNotFound: it was never published.
        """
        recorded = self.manifest(manifest.role, manifest.version)
        _take_status(recorded, manifest)
        path = self._status_file(manifest.role, manifest.version)
        replace_text(path, MessageToJson(recorded))

    def prune(self, role: Role, keep: Collection[int]) -> list[int]:
        """Removes the folders of all versions but `keep`, and returns their numbers.

        Their manifests stay for ever, with status and gate report. The learner keeps version 1,
        what is served, the floor and the newest few.
        """
        pruned = [version for version in self.versions(role) if version not in keep]
        for version in pruned:
            self.record_status(self.manifest(role, version))
            aside = self._role_folder(role) / ".pruned"
            shutil.rmtree(aside, ignore_errors=True)
            self.folder(role, version).rename(aside)
            shutil.rmtree(aside)
        return pruned

    def _status_file(self, role: Role, version: int) -> Path:
        return self.folder(role, version).with_suffix(".status.json")

    def _role_folder(self, role: Role) -> Path:
        return self.root / role_name(role)


def _take_status(manifest: Manifest, newer: Manifest) -> None:
    manifest.status = newer.status
    if newer.HasField("gate_report"):
        manifest.gate_report.CopyFrom(newer.gate_report)


def _read(path: Path) -> Manifest:
    try:
        return Parse(path.read_bytes(), Manifest(), ignore_unknown_fields=True)
    except (OSError, ParseError, UnicodeDecodeError) as error:
        raise ManifestUnreadable(f"{path}: cannot be read: {error}") from None
