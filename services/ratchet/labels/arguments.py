"""The options of `ratchet labels`."""

import argparse
import datetime
from pathlib import Path

from ratchet.labels.formats.named import FORMATS
from ratchet.local.kafka_address import add_kafka_arguments

AUTO = "auto"

NAMES = {
    "prompt": ("--prompt-field", "of the data, that holds the prompt"),
    "answer_a": ("--a-field", "that holds answer A"),
    "answer_b": ("--b-field", "that holds answer B"),
    "question": ("--question", "that was asked: Argilla's question, Label Studio's control"),
    "a": ("--a-word", "a vote for A, beside the field's name, left and 1"),
    "b": ("--b-word", "a vote for B, beside the field's name, right and 2"),
    "tie": ("--tie-word", "a tie, beside tie, equal and same"),
    "both_bad": ("--both-bad-word", "both bad, beside both_bad and neither"),
}
"""Parts of `labels.names.Names`, and how each is chosen."""


def add_labels_arguments(parser: argparse.ArgumentParser) -> None:
    """Of `ratchet labels`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    what = "write people's preferences to a file"
    _add_export(actions.add_parser("export", help=what, description=f"{what}."))
    what = "take preferences that were labeled elsewhere into the topic"
    _add_import(actions.add_parser("import", help=what, description=f"{what}."))


def project_names(arguments: argparse.Namespace) -> dict[str, str]:
    """The names that were chosen, by part."""
    given = {part: getattr(arguments, f"name_{part}") for part in NAMES}
    return {part: name for part, name in given.items() if name is not None}


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=sorted(FORMATS), required=True)
    parser.add_argument("--out", type=Path, required=True, help="a file; .gz is packed")
    parser.add_argument("--standard", metavar="ID", help="labeled by this one alone")
    parser.add_argument(
        "--since",
        type=_moment,
        metavar="DATE",
        help="labeled at this date or time (ISO 8601, UTC unless it says otherwise) or later",
    )
    _add_names(parser)
    add_kafka_arguments(parser)


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="JSON lines or a JSON array; .gz is unpacked")
    parser.add_argument(
        "--format", choices=[AUTO, *sorted(FORMATS)], default=AUTO, help="(default: by its fields)"
    )
    parser.add_argument("--standard", metavar="ID", required=True, help="labeled by this one")
    parser.add_argument(
        "--labeler", metavar="NAME", required=True, help="who labeled, where the file says nothing"
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        help="whose tokens are made; needed with --kafka or --config "
        "(default: the learner's of the state folder)",
    )
    parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
    _add_names(parser)
    add_kafka_arguments(parser)


def _add_names(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("names in a project of Label Studio or Argilla")
    for part, (option, help_) in NAMES.items():
        group.add_argument(option, dest=f"name_{part}", metavar="NAME", help=help_)


def _moment(text: str) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-11-28") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
