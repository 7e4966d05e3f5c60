"""`ratchet lineage`: who helped to judge, as a tree from a judge down to people alone."""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.tree import Tree

from ratchet.local.arguments import add_state_argument
from ratchet.local.weights_command import open_registry
from ratchet.process.config import ConfigError
from ratchet.v1.weights_pb2 import ROLE_JUDGE, VERSION_STATUS_SERVING
from ratchet.weights.ancestry import AncestryBroken, Generation, ancestry, level
from ratchet.weights.registry import Registry, RegistryError

PEOPLE_ALONE = "people alone"

WIDTH = 1000
"""Lines are not cut: a terminal wraps them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ratchet lineage`."""
    parser.add_argument(
        "judge", nargs="?", type=int, help="a version (default: the newest that was proven)"
    )
    add_state_argument(parser)


def command(arguments: argparse.Namespace) -> int:
    """Prints the tree; 2 where the versions cannot be read."""
    try:
        registry = open_registry(arguments)
        version = arguments.judge if arguments.judge is not None else _newest_proven(registry)
        generations = ancestry(registry.manifest, version)
    except (ConfigError, RegistryError, AncestryBroken) as error:
        print(f"ratchet lineage: {error}", file=sys.stderr)
        return 2
    Console(width=WIDTH, highlight=False).print(lineage_tree(generations))
    return 0


def lineage_tree(generations: Sequence[Generation]) -> Tree:
    """A branch for each judge, and for what helped the people whose labels it learned from."""
    root: Tree | None = None
    at: Tree | None = None
    for place, generation in enumerate(generations):
        text = f"level {level(generations[place:])}: judge {generation.judge.version}"
        at = at.add(text) if at else Tree(text)
        root = root or at
        if (helper := generation.helper) is not None:
            at = at.add(
                f"people helped by the helper on policy {helper.policy_version}, which was fitted"
                f" on {helper.marked_answers} marked answers"
            )
            at = at.add(f"policy {helper.policy_version}{_learned(generation.taught_by)}")
    assert root is not None and at is not None, "a judge is its own first generation"
    at.add(PEOPLE_ALONE if generations[-1].taught_by is not None else "not recorded further")
    return root


def _learned(taught_by: int | None) -> str:
    if taught_by is None:
        return ", trained before manifests told by whose scores"
    return f", trained by the scores of judge {taught_by}" if taught_by else ", untrained"


def _newest_proven(registry: Registry) -> int:
    for version in reversed(registry.versions(ROLE_JUDGE)):
        if registry.manifest(ROLE_JUDGE, version).status == VERSION_STATUS_SERVING:
            return version
    raise ConfigError("no judge has been proven yet: name a version")
