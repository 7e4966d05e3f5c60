"""Options of the commands on JSON lines."""

import argparse
from pathlib import Path

COMPARISON = "comparison"


def add_score_arguments(parser: argparse.ArgumentParser) -> None:
    """Of `ratchet score`."""
    parser.add_argument(
        "file", type=Path, help='JSON lines, each {"prompt": ..., "completion": ...}'
    )
    parser.add_argument("--out", type=Path, required=True, help="the same lines with judgements")
    _add_judge_arguments(parser, "judgement")


def add_compare_arguments(parser: argparse.ArgumentParser) -> None:
    """Of `ratchet compare`."""
    _add_preferences(parser)
    parser.add_argument("--out", type=Path, required=True, help="the same lines with comparisons")
    _add_judge_arguments(parser, COMPARISON)


def add_agree_arguments(parser: argparse.ArgumentParser) -> None:
    """Of `ratchet agree`."""
    _add_preferences(parser)
    parser.add_argument(
        "--out",
        type=Path,
        help="where the comparisons are kept, as of `ratchet compare`; what is there is not asked "
        "again (default: beside the file, prefs.jsonl -> prefs.compared.jsonl, "
        "with --judge NAME prefs.NAME.compared.jsonl)",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    _add_judge_arguments(parser, COMPARISON)


def add_standard_arguments(parser: argparse.ArgumentParser) -> None:
    """Of `ratchet standard`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="the standards to start from")
    show = actions.add_parser("show", help="print one, to be kept as a file and changed")
    attempt = actions.add_parser("try", help="say which checks a file's answers break, and why")
    for action in (show, attempt):
        action.add_argument("standard", help="a file, or the name of a standard to start from")
    attempt.add_argument(
        "file", type=Path, help='JSON lines, each {"prompt": ..., "completion": ...}'
    )


def _add_preferences(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        help='JSON lines, each {"prompt": ..., "chosen": ..., "rejected": ...}, or without the '
        "prompt where the other two hold the whole conversation",
    )


def _add_judge_arguments(parser: argparse.ArgumentParser, field: str) -> None:
    # An API key is read from RATCHET_API_KEY: as an option it would stay in histories.
    parser.add_argument("--field", default=field, help=f"where in a line of --out ({field})")
    parser.add_argument("--target", default="127.0.0.1:50051", metavar="HOST:PORT[,...]")
    parser.add_argument(
        "--ca", type=Path, metavar="PEM", help="TLS: who may have signed the server's certificate"
    )
    parser.add_argument("--judge", default="", help="a judge of the server (default: its own)")
    parser.add_argument("--truncate", action="store_true", help="cut prompts that are too long")
    parser.add_argument("--in-flight", type=int, default=32, help="calls at a time (default 32)")
    parser.add_argument("--deadline", type=float, default=60.0, help="seconds of a call")
