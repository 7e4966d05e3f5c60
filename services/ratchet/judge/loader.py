"""Announced versions to loaded ones."""

import logging
from pathlib import Path

from google.protobuf.json_format import Parse, ParseError

from ratchet.judge import metrics
from ratchet.judge.engines.base import Engine
from ratchet.judge.versions import JudgeVersion, Versions
from ratchet.v1.weights_pb2 import Manifest, Pointer, Role
from ratchet.weights.registry import Registry
from ratchet.weights.verify import VersionRejected, verify

log = logging.getLogger(__name__)


class VersionLoader:
    """Checks and loads versions, then puts them in force; a bad one changes nothing."""

    def __init__(self, engine: Engine, versions: Versions) -> None:
        self._engine = engine
        self._versions = versions

    def follow(self, registry: Registry, pointer: Pointer, manifest: Manifest) -> None:
        """Serves what the pointer names; called by the watcher, in its thread."""
        folder = registry.folder(Role.ROLE_JUDGE, manifest.version)
        try:
            version = self.load(folder, manifest)
        except VersionRejected as error:
            metrics.VERSIONS_REJECTED.inc()
            log.error("judge version %d is not served: %s", manifest.version, error)
            return
        self._versions.serve(version)
        metrics.SERVED_VERSION.set(version.number)
        log.info("serving judge version %d (epoch %d)", version.number, pointer.epoch)

    def serve_folder(self, folder: Path) -> None:
        """Serves one version's folder as it is. Raises VersionRejected."""
        try:
            manifest = Parse((folder / "manifest.json").read_bytes(), Manifest())
        except (OSError, ParseError) as error:
            raise VersionRejected(f"manifest.json cannot be read: {error}") from error
        self._versions.serve(self.load(folder, manifest))
        metrics.SERVED_VERSION.set(manifest.version)

    def load(self, folder: Path, manifest: Manifest) -> JudgeVersion:
        """Verifies a version's files, then loads them. Raises VersionRejected."""
        verify(folder, manifest)
        if manifest.trunk_sha256 != self._engine.trunk_sha256:
            raise VersionRejected(
                f"fitted on the trunk {manifest.trunk_sha256[:12] or '(none)'}, "
                f"not on {self._engine.trunk_sha256[:12]}"
            )
        try:
            return self._engine.load(folder, manifest.version)
        except (OSError, ValueError) as error:
            raise VersionRejected(str(error)) from error
