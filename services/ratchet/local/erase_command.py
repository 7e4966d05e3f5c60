"""`ratchet erase`: a person's labels, or what was asked in a prompt, out of Kafka."""

import argparse
import contextlib
import getpass
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass

from ratchet.local.kafka_address import add_kafka_arguments, kafka_settings
from ratchet.process.config import ConfigError, KafkaSettings
from ratchet.stream.connection import BrokerUnreachable
from ratchet.stream.erasure import NotErased, erase
from ratchet.stream.producer import DeliveryFailed, Producer
from ratchet.stream.snapshot import snapshot
from ratchet.stream.topics import AUDIT, LABEL_REQUESTS, PREFERENCES
from ratchet.v1.audit_pb2 import AuditRecord
from ratchet.v1.preference_pb2 import Comparison

COMMAND = "erase"
DEFAULT_WAIT = 120.0
AFTERWARDS = """\
Erased. What has been read stays in the memory of learner and feedback: start them again now.
docs/privacy.md tells what else holds something, and for how long."""


@dataclass(frozen=True)
class Found:
    """Keys of the records that are meant, by their topics."""

    preferences: Collection[str]
    label_requests: Collection[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ratchet erase`."""
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument(
        "--labeler", type=_name, metavar="NAME", help="all labels that this person gave"
    )
    who.add_argument(
        "--prompt-id",
        type=_name,
        action="append",
        metavar="ID",
        dest="prompt_ids",
        help="this prompt, its answers and what people said of them; may be given several times",
    )
    parser.add_argument("--yes", action="store_true", help="do it; without this it is only counted")
    parser.add_argument(
        "--wait",
        type=float,
        default=DEFAULT_WAIT,
        metavar="SECONDS",
        help="for the broker to compact its log (default: %(default)g)",
    )
    add_kafka_arguments(parser)


def command(arguments: argparse.Namespace) -> int:
    """0 once it is done, 1 where the broker's log still has some of it, 2 where it cannot be."""
    try:
        kafka = kafka_settings(arguments, COMMAND)
        found = find(kafka, arguments.labeler, arguments.prompt_ids or ())
        print(f"{len(found.preferences)} labels, {len(found.label_requests)} pairs were found")
        if not arguments.yes:
            print("nothing was erased; --yes does it")
            return 0
        _write_down(kafka, arguments.prompt_ids or (), len(found.preferences))
        for topic, keys in (
            (PREFERENCES, found.preferences),
            (LABEL_REQUESTS, found.label_requests),
        ):
            erase(kafka, topic, keys, COMMAND, arguments.wait)
    except NotErased as error:
        print(f"ratchet erase: {error}: do it again", file=sys.stderr)
        return 1
    except (ConfigError, BrokerUnreachable, DeliveryFailed, LookupError) as error:
        print(f"ratchet erase: {error}", file=sys.stderr)
        return 2
    print(AFTERWARDS)
    return 0


def find(kafka: KafkaSettings, labeler: str | None, prompt_ids: Collection[str]) -> Found:
    """What there is of a labeler, or of prompts.

    Raises:
        BrokerUnreachable: no broker answers.
        LookupError: a topic does not exist.
    """

    def is_asked(comparison: Comparison) -> bool:
        return comparison.prompt.prompt_id in prompt_ids

    return Found(
        preferences={
            record.key
            for record in snapshot(kafka, PREFERENCES, COMMAND)
            if record.value.labeler == labeler or is_asked(record.value.comparison)
        },
        label_requests={
            record.key
            for record in snapshot(kafka, LABEL_REQUESTS, COMMAND)
            if is_asked(record.value)
        },
    )


def _write_down(kafka: KafkaSettings, prompt_ids: Collection[str], labels: int) -> None:
    """Before it is done. Feedback reads it, and offers no pair of such a prompt again.

    Whose labels they were is not told: that would be kept for ever.
    """
    deeds = [("erase.prompt", prompt_id) for prompt_id in prompt_ids]
    deeds = deeds or [("erase.labeler", f"{labels} labels of one person")]
    with contextlib.closing(Producer(kafka, COMMAND)) as producer:
        for action, detail in deeds:
            record = AuditRecord(
                actor=getpass.getuser(),
                at=time.time(),
                action=action,
                detail=detail,
                service=COMMAND,
            )
            producer.send(AUDIT, f"{record.actor}/{record.at:.6f}", record).wait()


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("is empty")
    return text
