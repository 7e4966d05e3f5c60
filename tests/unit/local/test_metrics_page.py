"""The metrics: the page tells of them as they are, and their names keep Prometheus' rules."""

from pathlib import Path

import pytest

from ratchet.local.metrics_page import SECTIONS, MetricEntry, entries, page

REPOSITORY = Path(__file__).parents[3]
ENTRIES = [(title.lower(), entry) for title, module in SECTIONS for entry in entries(module)]
# Seconds, bytes and ratios; never their multiples.
NOT_BASE_UNITS = {"ms", "milliseconds", "minutes", "hours", "kb", "mb", "mib", "gib", "percent"}
UNITS = {"seconds", "bytes", "ratio", "nats"}
# Each takes few values. An id of a prompt, a group or a person would make a series for each.
BOUNDED_LABELS = {
    "channel", "criterion_id", "file", "outcome", "page", "picked_because", "purpose", "reason",
    "result", "role", "source", "stage", "standard_id", "tenant", "topic", "vote",
}  # fmt: skip


def test_the_page_is_current() -> None:
    written = (REPOSITORY / "docs/metrics.md").read_text()
    assert written == page() + "\n", "run `make docs`"


@pytest.mark.parametrize(("section", "entry"), ENTRIES, ids=[entry.name for _, entry in ENTRIES])
def test_a_name_tells_the_service_and_ends_with_its_base_unit(
    section: str, entry: MetricEntry
) -> None:
    words = entry.name.split("_")
    assert words[0] == "ratchet"
    shared = {
        "every grpc server": "grpc",
        "every reader of a topic": "stream",
        "every follower of the pointer": "weights",
    }
    assert words[1] == shared.get(section, section)
    assert (words[-1] == "total") == (entry.kind == "counter")
    assert NOT_BASE_UNITS.isdisjoint(words)
    unit_at = [at for at, word in enumerate(words) if word in UNITS]
    last = len(words) - (2 if entry.kind == "counter" else 1)
    assert unit_at in ([], [last])


@pytest.mark.parametrize("entry", [entry for _, entry in ENTRIES], ids=lambda entry: entry.name)
def test_help_is_a_sentence_and_labels_take_few_values(entry: MetricEntry) -> None:
    assert entry.help.endswith(".")
    assert BOUNDED_LABELS.issuperset(entry.labels)


def test_no_two_metrics_share_a_name() -> None:
    names = [series for _, entry in ENTRIES for series in entry.series]
    assert len(names) == len(set(names))
