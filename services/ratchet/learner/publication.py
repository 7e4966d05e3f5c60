"""From the outbox to the registry and the `weights` topic."""

import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from ratchet.process.failpoint import failpoint
from ratchet.v1.weights_pb2 import Manifest, Role, VersionStatus, WeightsRecord
from ratchet.weights.announcer import Announcer
from ratchet.weights.registry import Registry


class FolderLost(Exception):
    """The registry lacks a version that the checkpoint decided on and that cannot be made again."""


class Publication:
    """Makes decisions known. Doing so twice changes nothing."""

    def __init__(self, registry: Registry, announcer: Announcer) -> None:
        self._registry = registry
        self._announcer = announcer

    def stage(self, planned: Manifest, fill: Callable[[Path], None]) -> Manifest:
        """Writes a folder into the registry, where no reader looks before the announcement.

        Raises:
            VersionExists: another folder has that number.
        """
        staged = self._registry.stage(planned.role)
        fill(staged)
        card = staged / "README.md"
        if planned.version > 1 or not card.exists():
            card.write_text(_model_card(planned))
        manifest = Manifest()
        manifest.CopyFrom(planned)
        manifest.created_at = time.time()
        return self._registry.publish(staged, manifest)

    def send(
        self, outbox: Iterable[WeightsRecord], served_policy: int, fill: Callable[[Path], None]
    ) -> None:
        """Publish, announce, point, in the outbox's order.

        `fill` writes the folder of the policy version `served_policy`, if it is not there yet.

        Raises:
            FolderLost: another version was never published. One that was pruned takes a status.
        """
        for record in outbox:
            if record.WhichOneof("record") == "pointer":
                self._announcer.point(record.pointer)
                continue
            planned = record.manifest
            if planned.version not in self._registry.versions(planned.role):
                if planned.role == Role.ROLE_POLICY and planned.version == served_policy:
                    self.stage(planned, fill)
                elif not self._registry.is_known(planned.role, planned.version):
                    name = Role.Name(planned.role)
                    raise FolderLost(f"the registry lacks {name} {planned.version}")
            manifest = self._registry.manifest(planned.role, planned.version)
            manifest.status = planned.status
            if planned.HasField("gate_report"):
                manifest.gate_report.CopyFrom(planned.gate_report)
            self._registry.record_status(manifest)
            failpoint("learner-before-announce")
            self._announcer.announce(manifest)

    def prune(self, role: Role, keep: Collection[int], newest: int) -> None:
        """Remove old folders: all but `keep`, version 1 and the `newest` last ones."""
        versions = self._registry.versions(role)
        self._registry.prune(role, {1, *keep, *versions[-newest:]})


def _model_card(manifest: Manifest) -> str:
    role = Role.Name(manifest.role).removeprefix("ROLE_").lower()
    status = VersionStatus.Name(manifest.status).removeprefix("VERSION_STATUS_").lower()
    return f"""# {role} {manifest.version}

Made by ratchet's learner from version {manifest.parent or "none"}, after {manifest.updates}
updates, for the standard {manifest.standard_id} (version {manifest.standard_version}).
Status when written: {status}. `manifest.json` holds the digests and the gate's report as of then;
the registry's status file beside it, and the topic `weights`, hold the newest.
"""
