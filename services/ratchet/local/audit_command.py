"""`ratchet audit`: who did what."""

import argparse
import datetime
import sys
from collections.abc import Iterable, Iterator

from ratchet.local.kafka_address import add_kafka_arguments, kafka_settings
from ratchet.process.config import ConfigError
from ratchet.stream.connection import BrokerUnreachable
from ratchet.stream.snapshot import snapshot
from ratchet.stream.topics import AUDIT
from ratchet.v1.audit_pb2 import AuditRecord

COMMAND = "audit"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ratchet audit`."""
    parser.add_argument("--actor", metavar="NAME", help="only what this one did")
    parser.add_argument(
        "--action", metavar="NAME", help="only this, such as weights.promote, or all of weights"
    )
    add_kafka_arguments(parser)


def command(arguments: argparse.Namespace) -> int:
    """Prints a line a record, the newest last; 2 where the topic cannot be read."""
    try:
        kafka = kafka_settings(arguments, COMMAND)
        records = [record.value for record in snapshot(kafka, AUDIT, COMMAND)]
    except (ConfigError, BrokerUnreachable, LookupError) as error:
        print(f"ratchet audit: {error}", file=sys.stderr)
        return 2
    for record in chosen(records, arguments.actor, arguments.action):
        print(audit_line(record))
    return 0


def chosen(
    records: Iterable[AuditRecord], actor: str | None, action: str | None
) -> Iterator[AuditRecord]:
    """Those that are asked for, by time, each once: a crash may have written one twice."""
    told: set[bytes] = set()
    for record in sorted(records, key=lambda record: record.at):
        if actor not in (None, record.actor):
            continue
        if action and not f"{record.action}.".startswith(f"{action}."):
            continue
        if (same := record.SerializeToString(deterministic=True)) not in told:
            told.add(same)
            yield record


def audit_line(record: AuditRecord) -> str:
    """Time (UTC), actor, action, what exactly, and where it came from, with tabs between."""
    when = datetime.datetime.fromtimestamp(record.at, datetime.UTC)
    columns = (
        when.isoformat(timespec="milliseconds"),
        record.actor,
        record.action,
        record.detail,
        " ".join(filter(None, (record.service, record.via))),
    )
    # A name or a reason must not look like a line of its own.
    return "\t".join("".join(c if c.isprintable() else "?" for c in text) for text in columns)
