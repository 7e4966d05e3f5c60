"""`ratchet labels import`: a file of preferences into the topic, each once."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from ratchet.jsonl.rows import BadRow, Row
from ratchet.labels.arguments import AUTO, project_names
from ratchet.labels.config import kafka_settings, model_folder
from ratchet.labels.formats.format import Format
from ratchet.labels.formats.named import format_named, recognized
from ratchet.labels.label_file import LabelFile
from ratchet.labels.preference_maker import PreferenceMaker
from ratchet.labels.snapshot import SERVICE, newest_standards, preferences
from ratchet.labels.tally import Tally
from ratchet.process.config import ConfigError, KafkaSettings
from ratchet.stream.producer import Producer
from ratchet.stream.topics import PREFERENCES
from ratchet.v1.preference_pb2 import Preference
from ratchet.v1.standard_pb2 import Standard

AT_ONCE = 500
"""Records that are sent before Kafka's word on them is waited for."""


def import_labels(arguments: argparse.Namespace) -> int:
    """0 where every row was taken, 1 where one could not be. Raises what `command` handles."""
    unit, rows = LabelFile(arguments.file).rows()
    form = _format(arguments)
    kafka = kafka_settings(arguments)
    model = model_folder(arguments)
    print(f"{arguments.file}: tokens as of {model}", file=sys.stderr)
    maker = _maker(model, _standard(kafka, arguments.standard), arguments.labeler)
    tally = Tally(
        arguments.file, unit, {p.value.submission_id: p.value.vote for p in preferences(kafka)}
    )
    new = _new_preferences(rows, form, maker, tally)
    if arguments.dry_run:
        for _ in new:
            pass
    else:
        _send(kafka, new)
    print(tally.summary(arguments.dry_run))
    return 1 if tally.errors else 0


def _new_preferences(
    rows: Iterator[Row], form: Format, maker: PreferenceMaker, tally: Tally
) -> Iterator[Preference]:
    for row in rows:
        tally.rows += 1
        for label in _labels(row, form, tally):
            if tally.has(label):
                continue
            try:
                preference = maker.preference(label)
            except ValueError as error:  # BadRow, or a text that has no UTF-8.
                tally.add_error(row, error)
                continue
            if tally.is_new(preference):
                yield preference


def _labels(row: Row, form: Format, tally: Tally) -> Iterator[Preference]:
    """What people said in a row; what is wrong is told, and loses nothing else."""
    found = 0
    try:
        row.check()
        for label in form.read(row):
            found += 1
            if isinstance(label, BadRow):
                tally.add_error(row, label)
            else:
                yield label
    except ValueError as error:
        found += 1
        tally.add_error(row, error)
    tally.without_label += not found


def _send(kafka: KafkaSettings, new: Iterator[Preference]) -> None:
    with closing(Producer(kafka, SERVICE)) as producer:
        while batch := list(islice(new, AT_ONCE)):
            sent = [
                producer.send(PREFERENCES, f"{p.comparison.pair_id}/{p.labeler}", p) for p in batch
            ]
            for delivery in sent:
                delivery.wait()


def _format(arguments: argparse.Namespace) -> Format:
    name = arguments.format
    if name == AUTO:
        _, rows = LabelFile(arguments.file).rows()
        first = next((row.fields for row in rows if not row.reason), {})
        name = recognized(first)
        if name is None:
            raise ConfigError(f"{arguments.file}: is of no known format; name it: --format")
        print(f"{arguments.file}: read as {name}", file=sys.stderr)
    return format_named(name, project_names(arguments))


def _standard(kafka: KafkaSettings, standard_id: str) -> Standard:
    standards = newest_standards(kafka)
    if standard_id not in standards:
        there = ", ".join(sorted(standards)) or "none"
        raise ConfigError(f"--standard: there is no {standard_id!r}; there are: {there}")
    return standards[standard_id]


def _maker(folder: Path, standard: Standard, labeler: str) -> PreferenceMaker:
    # Slow to import, and needed only once all else is found right.
    from transformers import AutoConfig

    from ratchet.reward.tokens import ChatTokenizer

    context = AutoConfig.from_pretrained(folder).max_position_embeddings
    return PreferenceMaker(ChatTokenizer(folder), context, standard, labeler)
