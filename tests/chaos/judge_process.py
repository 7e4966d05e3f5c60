"""A judge service as a process of its own, with judges of our choice."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.chaos.service import Service
from tests.unit.judge.judge_versions import fit, publish

from ratchet.local.ports import free_ports
from ratchet.reward.trunk import Trunk
from ratchet.v1.weights_pb2 import Role
from ratchet.weights.registry import Registry


@contextmanager
def judging(folder: Path, trunk: Path, judges: dict[str, Any]) -> Iterator[Service]:
    """Starts it with a loop's own judge on `trunk` beside the others; ends it after."""
    registry, loaded = Registry(folder / "registry"), Trunk(trunk)
    publish(registry, loaded.sha256, 1, fit(loaded))
    settings = {
        **places(registry, trunk),
        "context_tokens": 128,
        "rollouts": False,
        "version_folder": registry.folder(Role.ROLE_JUDGE, 1),
    }
    service = Service("judge", folder / "service", settings)
    service.start(RATCHET_JUDGE__JUDGES=json.dumps(judges))
    try:
        yield service
    finally:
        service.stop()


def places(registry: Registry, trunk: Path) -> dict[str, Any]:
    """Settings of where it listens and reads."""
    return {**listening(), "registry": registry.root, "trunk": trunk}


def listening() -> dict[str, Any]:
    """Settings of where it listens."""
    ports = free_ports()
    return {"port": ports["judge"], "metrics_port": ports["judge metrics"]}
