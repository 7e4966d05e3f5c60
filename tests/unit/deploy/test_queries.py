"""Every query of the dashboard and of the alerts reads metrics and labels that services have."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ratchet.local.metrics_page import SECTIONS, MetricEntry, entries

DEPLOY = Path(__file__).parents[3] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana/ratchet.json").read_text())
ALERTS = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())
METRICS: dict[str, MetricEntry] = {
    series: entry for _, module in SECTIONS for entry in entries(module) for series in entry.series
}


def queries() -> Iterator[tuple[str, str]]:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            yield f"{panel['title']} {target['refId']}", target["expr"]
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


ALL = list(queries())


@pytest.mark.parametrize(("where", "query"), ALL, ids=[where for where, _ in ALL])
def test_metrics_exist_and_have_the_labels_that_are_asked_for(where: str, query: str) -> None:
    asked = re.findall(r"(ratchet_\w+)(?:\{([^}]*)\})?", re.sub(r'"[^"]*"', '""', query))
    assert asked or "up{" in query
    known = {"job", "instance", "le"}
    for name, selector in asked:
        assert name in METRICS, f"{where}: no such metric"
        labels = METRICS[name].labels
        assert set(re.findall(r"(\w+)\s*(?:=|!)", selector)) <= {*labels, "job", "instance"}
        known |= set(labels)
    for grouped in re.findall(r"by \(([^)]*)\)", query):
        assert {label.strip() for label in grouped.split(",")} <= known


def test_every_alert_is_explained_to_operators() -> None:
    operations = (DEPLOY.parent / "docs/operations.md").read_text()
    names = [rule["alert"] for group in ALERTS["groups"] for rule in group["rules"]]
    assert [name for name in names if f"`{name}`" not in operations] == []


def test_every_alert_has_a_test_that_sees_it_fire() -> None:
    cases = yaml.safe_load((DEPLOY / "prometheus/alerts_test.yml").read_text())["tests"]
    fired = {t["alertname"] for c in cases for t in c["alert_rule_test"] if t["exp_alerts"]}
    assert fired == {rule["alert"] for group in ALERTS["groups"] for rule in group["rules"]}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize(
    "command", [["check", "config", "prometheus.yml"], ["test", "rules", "alerts_test.yml"]]
)
def test_prometheus_accepts_the_configuration_and_alerts_fire(command: list[str]) -> None:
    done = subprocess.run(
        ["promtool", *command], cwd=DEPLOY / "prometheus", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
