"""What the run left in Kafka, in the registry and on the metrics pages."""

import shutil
import urllib.request
from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import MessageToDict
from prometheus_client.parser import text_string_to_metric_families

from ratchet.demo.run_folder import RunFolder
from ratchet.local.endpoints import Endpoint
from ratchet.process.config import KafkaSettings
from ratchet.stream.reader import Reader
from ratchet.stream.topics import AUDIT, DEAD_LETTERS, JUDGEMENTS, PREFERENCES, WEIGHTS, Topic

TOPICS: tuple[Topic[Any], ...] = (JUDGEMENTS, PREFERENCES, WEIGHTS, AUDIT, DEAD_LETTERS)
METRICS_SECONDS = 10.0


def collect(folder: RunFolder, kafka: KafkaSettings, endpoints: Mapping[str, Endpoint]) -> None:
    """Writes a file of lines for every topic, the judges' folders and the metrics."""
    for topic in TOPICS:
        folder.write(topic.name, _records(kafka, topic))
    folder.write("metrics", [row for e in endpoints.values() if e.metrics for row in _metrics(e)])
    registry = folder.state / "registry" / "judge"
    if registry.exists():
        shutil.copytree(registry, folder.judges)


def _records(kafka: KafkaSettings, topic: Topic[Any]) -> list[dict[str, Any]]:
    reader = Reader(kafka, [topic], "demo", start=None)
    rows: list[dict[str, Any]] = []
    try:
        while not reader.caught_up():
            for record in reader.poll(timeout_seconds=0.5):
                value = MessageToDict(record.value, preserving_proto_field_name=True)
                rows.append({"at": record.timestamp_ms / 1000, "key": record.key, "value": value})
    finally:
        reader.close()
    return rows


def _metrics(endpoint: Endpoint) -> list[dict[str, Any]]:
    url = f"http://{endpoint.metrics}/metrics"
    with urllib.request.urlopen(url, timeout=METRICS_SECONDS) as page:
        text = page.read().decode()
    return [
        {"name": sample.name, "labels": sample.labels, "value": sample.value}
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("ratchet_") and not sample.name.endswith("_created")
    ]
