"""`docs/metrics.md`, written from the code: `python -m ratchet.local.metrics_page`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

from prometheus_client.metrics import MetricWrapperBase

from ratchet.feedback import metrics as feedback
from ratchet.judge import metrics as judge
from ratchet.learner import metrics as learner
from ratchet.policy import metrics as policy
from ratchet.process import grpc_metrics
from ratchet.stream import dead_letter
from ratchet.weights import watcher

SECTIONS: Sequence[tuple[str, ModuleType]] = (
    ("Policy", policy),
    ("Judge", judge),
    ("Learner", learner),
    ("Feedback", feedback),
    ("Every gRPC server", grpc_metrics),
    ("Every reader of a topic", dead_letter),
    ("Every follower of the pointer", watcher),
)


@dataclass(frozen=True)
class MetricEntry:
    """One metric as Prometheus shows it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    help: str

    @property
    def series(self) -> tuple[str, ...]:
        """The names that a query may use."""
        if self.kind == "histogram":
            return tuple(f"{self.name}_{part}" for part in ("bucket", "count", "sum"))
        return (self.name,)


def entries(module: ModuleType) -> Iterator[MetricEntry]:
    """The metrics that a module defines, in its order."""
    for value in vars(module).values():
        if isinstance(value, MetricWrapperBase):
            [metric] = value.describe()
            name = f"{metric.name}_total" if metric.type == "counter" else metric.name
            labels = tuple(value._labelnames)  # pyright: ignore[reportPrivateUsage]
            yield MetricEntry(name, metric.type, labels, metric.documentation)


def page() -> str:
    """The page as Markdown."""
    lines = [
        "# Metrics",
        "",
        "Written by `make docs`; every service shows them on its metrics port, with those of the",
        "process (`process_*`, `python_*`).",
    ]
    for title, module in SECTIONS:
        lines += ["", f"## {title}", "", "| name | type | labels | meaning |", "|---|---|---|---|"]
        for entry in entries(module):
            labels = ", ".join(f"`{label}`" for label in entry.labels)
            lines.append(f"| `{entry.name}` | {entry.kind} | {labels} | {entry.help} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(page())
