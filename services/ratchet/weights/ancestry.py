"""Who helped to judge: from a judge to its helper's policy, to that policy's judge, and so on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ratchet.v1.critique_pb2 import Helper
from ratchet.v1.weights_pb2 import ROLE_JUDGE, ROLE_POLICY, Manifest, Role

ManifestOf = Callable[[Role, int], Manifest]


class AncestryBroken(Exception):
    """The manifests name no way down: a judge would come before itself."""


@dataclass(frozen=True)
class Generation:
    """A judge, and the help that people had when they made the labels that it learned from."""

    judge: Manifest
    helper: Helper | None
    """The newest; None: people alone"""
    taught_by: int | None
    """The judge whose scores trained the helper's policy; 0: no judge did, None: not recorded"""


def ancestry(manifest_of: ManifestOf, judge_version: int) -> Sequence[Generation]:
    """From a judge down, the judge itself first. `manifest_of` raises what it likes.

    Raises:
        AncestryBroken: the manifests go in a circle.
    """
    generations: list[Generation] = []
    version: int | None = judge_version
    while version:
        judge = manifest_of(ROLE_JUDGE, version)
        helper = judge.helper if judge.HasField("helper") else None
        taught_by = _teacher(manifest_of, helper.policy_version) if helper else 0
        if taught_by and taught_by >= version:
            raise AncestryBroken(
                f"judge {version} was helped by policy {helper and helper.policy_version}, "
                f"which learned from judge {taught_by}: no later judge can have come before"
            )
        generations.append(Generation(judge, helper, taught_by))
        version = taught_by
    return generations


def level(generations: Sequence[Generation]) -> int:
    """Of the first: how many helpers stand, one on the other, between it and people alone.

    0 for a judge of people alone. Where a policy's judge is not recorded it is this at least.
    """
    return sum(generation.helper is not None for generation in generations)


def _teacher(manifest_of: ManifestOf, policy_version: int) -> int | None:
    """The judge that a policy learned from last, in itself or in what it was made from."""
    policy = manifest_of(ROLE_POLICY, policy_version)
    while not policy.judge_version and policy.parent:
        parent = manifest_of(ROLE_POLICY, policy.parent)
        if policy.updates > parent.updates:
            return None  # trained, before manifests told by whom
        if parent.version >= policy.version:
            raise AncestryBroken(f"policy {policy.version} was made from a later one")
        policy = parent
    return policy.judge_version
