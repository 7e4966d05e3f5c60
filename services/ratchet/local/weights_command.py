"""`ratchet weights`: what an operator asks of versions."""

import argparse
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from ratchet.local.learner_client import CALL_SECONDS, learner_stub
from ratchet.local.state import StateDirectory
from ratchet.process.config import ConfigError
from ratchet.v1 import weights_pb2 as pb
from ratchet.weights.registry import Registry, RegistryError
from ratchet.weights.role_name import ROLES, role_name, role_named
from ratchet.weights.verify import VersionRejected, verify_published


def command(arguments: argparse.Namespace) -> int:
    """Runs one action; 1 where a version is not sound, 2 where the action cannot be done."""
    console = Console()
    try:
        match arguments.action:
            case "list":
                return _list(arguments, console)
            case "show":
                return _show(arguments, console)
            case "verify":
                return _verify(arguments, console)
            case "promote":
                request = pb.PromoteRequest(
                    role=role_named(arguments.role), version=arguments.version
                )
                with learner_stub(arguments) as learner:
                    pointer = learner.Promote(request, timeout=CALL_SECONDS).pointer
            case _:
                rollback = pb.RollbackRequest(role=role_named(arguments.role))
                with learner_stub(arguments) as learner:
                    pointer = learner.Rollback(rollback, timeout=CALL_SECONDS).pointer
    except (ConfigError, RegistryError) as error:
        print(f"ratchet: {error}", file=sys.stderr)
        return 2
    console.print(f"{role_name(pointer.role)} {pointer.version} is served (epoch {pointer.epoch})")
    return 0


def _list(arguments: argparse.Namespace, console: Console) -> int:
    with learner_stub(arguments) as learner:
        versions = learner.ListVersions(pb.ListVersionsRequest(), timeout=CALL_SECONDS)
    console.print(versions_table(versions.manifests, versions.pointers))
    return 0


def versions_table(manifests: Sequence[pb.Manifest], pointers: Sequence[pb.Pointer]) -> Table:
    """A row for each version; `*` is served, `floor` is what a rollback goes back to."""
    serving = {(pointer.role, pointer.version) for pointer in pointers}
    floors = {(pointer.role, pointer.floor_version) for pointer in pointers}
    table = Table("role", "version", "", "status", "parent", "updates", "made", "gate")
    for manifest in manifests:
        key = manifest.role, manifest.version
        table.add_row(
            role_name(manifest.role),
            str(manifest.version),
            " ".join(["*"] * (key in serving) + ["floor"] * (key in floors)),
            _status(manifest),
            str(manifest.parent or ""),
            str(manifest.updates),
            time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(manifest.created_at)),
            manifest.gate_report.reason,
        )
    return table


def _show(arguments: argparse.Namespace, console: Console) -> int:
    registry, role = open_registry(arguments), role_named(arguments.role)
    manifest = registry.manifest(role, arguments.version)
    console.print(versions_table([manifest], []))
    figures = Table("gate figure", "value", "95% bound", "threshold", "passed")
    for figure in manifest.gate_report.figures:
        bound = f"{figure.bound:.4f}" if figure.HasField("bound") else ""
        threshold = f"{figure.threshold:.4f}" if figure.HasField("threshold") else ""
        passed = "yes" if figure.passed else "no"
        figures.add_row(figure.name, f"{figure.value:.4f}", bound, threshold, passed)
    console.print(f"gate: {manifest.gate_report.reason or 'not tested'}", soft_wrap=True)
    if figures.row_count:
        console.print(figures)
    for file in manifest.files:
        console.print(f"{file.sha256} {file.bytes:>12} {file.path}", soft_wrap=True)
    for offset in manifest.consumed_offsets:
        console.print(f"consumed {offset.topic}/{offset.partition} up to {offset.offset}")
    return 0


def _verify(arguments: argparse.Namespace, console: Console) -> int:
    registry = open_registry(arguments)
    roles = [role_named(arguments.role)] if arguments.role else ROLES
    unsound = 0
    for role in roles:
        one = [arguments.version] if arguments.version is not None else registry.versions(role)
        for version in one:
            try:
                verify_published(registry, role, version)
            except VersionRejected as error:
                unsound += 1
                console.print(f"[red]{role_name(role)} {version}: {error}[/]", soft_wrap=True)
            else:
                console.print(f"{role_name(role)} {version}: sound")
    return 1 if unsound else 0


def open_registry(arguments: argparse.Namespace) -> Registry:
    """Of the state directory; raises ConfigError where there is none."""
    state = StateDirectory(arguments.state)
    if not state.registry.is_dir():
        raise ConfigError(f"{state.root}: no registry is there")
    return Registry(state.registry)


def _status(manifest: pb.Manifest) -> str:
    return pb.VersionStatus.Name(manifest.status).removeprefix("VERSION_STATUS_").lower()
