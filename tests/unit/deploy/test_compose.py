"""The compose file and the images give every service settings that it accepts."""

import re
from pathlib import Path

import pytest
import yaml

from ratchet.feedback.config import FeedbackSettings
from ratchet.local.ports import DEFAULT_PORTS
from ratchet.local.services import SERVICES
from ratchet.process.config import load_settings

REPOSITORY = Path(__file__).parents[3]
COMPOSE = yaml.safe_load((REPOSITORY / "deploy/compose.yaml").read_text())["services"]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()


def image(service: str) -> str:
    """The lines of one target of the Dockerfile."""
    _, found, rest = DOCKERFILE.partition(f"FROM service AS {service}\n")
    assert found
    return rest.partition("\nFROM ")[0]


@pytest.mark.parametrize("service", SERVICES)
def test_settings_are_known_and_ports_are_those_that_the_service_listens_on(service: str) -> None:
    baked = dict(re.findall(r"(RATCHET_\w+)=(\S+)", image(service)))
    settings = load_settings(
        SERVICES[service].settings, service, None, baked | COMPOSE[service]["environment"]
    )
    ports = [settings.port, settings.metrics_port]
    assert settings.host == settings.metrics_host == "0.0.0.0"
    assert ports == [DEFAULT_PORTS[service], DEFAULT_PORTS[f"{service} metrics"]]
    if isinstance(settings, FeedbackSettings):
        assert settings.page_host == "0.0.0.0"
        assert settings.page_port == DEFAULT_PORTS["feedback page"]
        ports.append(settings.page_port)
    exposed = " ".join(str(port) for port in ports)
    assert re.search(rf"GRPC_PORT={ports[0]}\nEXPOSE {exposed}\n", image(service))
    assert COMPOSE[service]["ports"] == [f"127.0.0.1:{port}:{port}" for port in ports]


def test_prometheus_scrapes_the_port_of_every_service() -> None:
    jobs = yaml.safe_load((REPOSITORY / "deploy/prometheus/prometheus.yml").read_text())
    scraped = {
        job["job_name"]: job["static_configs"][0]["targets"] for job in jobs["scrape_configs"]
    }
    assert scraped == {
        f"ratchet-{service}": [f"127.0.0.1:{DEFAULT_PORTS[f'{service} metrics']}"]
        for service in SERVICES
    }


def test_no_image_runs_as_root() -> None:
    base = DOCKERFILE.partition(" AS service\n")[2].partition("\nFROM ")[0]
    assert "\nUSER 10001\n" in base
    assert all("USER" not in image(service) for service in SERVICES)
