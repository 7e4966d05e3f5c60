"""Manifests that name each other."""

from ratchet.v1.critique_pb2 import Helper
from ratchet.v1.weights_pb2 import (
    ROLE_JUDGE,
    ROLE_POLICY,
    VERSION_STATUS_SERVING,
    Manifest,
    Role,
)
from ratchet.weights.ancestry import ManifestOf


def judge(version: int, helper: tuple[int, int] | None = None) -> Manifest:
    """`helper`: its policy's version, and its marks."""
    found = Manifest(role=ROLE_JUDGE, version=version, status=VERSION_STATUS_SERVING)
    if helper is not None:
        found.helper.CopyFrom(Helper(policy_version=helper[0], marked_answers=helper[1]))
    return found


def policy(version: int, *, updates: int, parent: int = 0, judge_version: int = 0) -> Manifest:
    return Manifest(
        role=ROLE_POLICY,
        version=version,
        parent=parent,
        updates=updates,
        judge_version=judge_version,
    )


def manifests(*all_: Manifest) -> ManifestOf:
    known = {(manifest.role, manifest.version): manifest for manifest in all_}

    def manifest_of(role: Role, version: int) -> Manifest:
        return known[role, version]

    return manifest_of
