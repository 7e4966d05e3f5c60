"""Where the running services listen, for people, scripts and tests: `endpoints.json`."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Endpoint:
    """One process of the system."""

    address: str
    """host:port of gRPC, or of Kafka"""
    metrics: str
    """host:port of the Prometheus exporter; empty for Kafka"""
    pid: int | None
    """None between a death and the next start"""
    ready: bool
    page: str = ""
    """URL of its page for people; empty where it has none"""


def write_endpoints(path: Path, endpoints: dict[str, Endpoint]) -> None:
    """Replaces the file in one step, so that no reader meets half of it."""
    aside = path.with_suffix(".new")
    table = {name: asdict(endpoint) for name, endpoint in endpoints.items()}
    aside.write_text(json.dumps(table, indent=2) + "\n")
    os.replace(aside, path)


def read_endpoints(path: Path) -> dict[str, Endpoint]:
    """What was written last; empty where the system never ran or has stopped."""
    if not path.exists():
        return {}
    table = json.loads(path.read_text())
    return {name: Endpoint(**fields) for name, fields in table.items()}
