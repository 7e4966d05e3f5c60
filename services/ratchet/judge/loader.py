"""Announced versions to loaded ones."""

import logging
from collections.abc import Callable
from pathlib import Path

from google.protobuf.json_format import Parse, ParseError

from ratchet.judge import metrics
from ratchet.judge.engines.base import Engine
from ratchet.judge.versions import JudgeVersion, Versions
from ratchet.v1.weights_pb2 import Manifest, Pointer, Role
from ratchet.weights.files import MANIFEST
from ratchet.weights.registry import Registry
from ratchet.weights.verify import VersionRejected, verify

log = logging.getLogger(__name__)


class VersionLoader:
    """Checks and loads versions, then puts them in force; a bad one changes nothing.

    Args:
        engine: loads them.
        versions: what is in force.
        on_candidate: told of the version that waits to be proven, or that none does any more.
    """

    def __init__(
        self,
        engine: Engine,
        versions: Versions[JudgeVersion],
        on_candidate: Callable[[JudgeVersion | None], None] = lambda _: None,
    ) -> None:
        self._engine = engine
        self._versions = versions
        self._on_candidate = on_candidate
        self._candidate = 0

    def follow(self, registry: Registry, pointer: Pointer, manifest: Manifest) -> None:
        """Serves what the pointer names; the watcher's callback, run in its thread.

        Raises VersionRejected, and then what was served before still is.
        """
        folder = registry.folder(Role.ROLE_JUDGE, manifest.version)
        self._serve(self.load(folder, manifest))
        log.info("serving judge version %d (epoch %d)", manifest.version, pointer.epoch)
        if self._candidate <= manifest.version:
            self._propose(None)

    def propose(self, registry: Registry, manifest: Manifest | None) -> None:
        """Loads the version that waits to be proven, or forgets it where there is none any more.

        As `follow`. Raises VersionRejected, and then the candidate before it still is one.
        """
        if manifest is None:
            self._propose(None)
            return
        folder = registry.folder(Role.ROLE_JUDGE, manifest.version)
        self._propose(self.load(folder, manifest))
        log.info("judge version %d is the candidate", manifest.version)

    def serve_folder(self, folder: Path) -> None:
        """Serves one version's folder as it is. Raises VersionRejected."""
        try:
            text = (folder / MANIFEST).read_bytes()
            manifest = Parse(text, Manifest(), ignore_unknown_fields=True)
        except (OSError, UnicodeDecodeError, ParseError) as error:
            raise VersionRejected(f"{MANIFEST} cannot be read: {error}") from error
        self._serve(self.load(folder, manifest))

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

    def _propose(self, version: JudgeVersion | None) -> None:
        self._candidate = version.number if version else 0
        self._on_candidate(version)

    def _serve(self, version: JudgeVersion) -> None:
        self._versions.serve(version)
        metrics.SERVED_VERSION.set(version.number)
