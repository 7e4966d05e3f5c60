"""The options of `ratchet demo` and `ratchet bench demo`."""

import argparse
import math
from pathlib import Path

from ratchet.local.arguments import add_machine_arguments


def add_demo_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ratchet demo`."""
    parser.add_argument(
        "--report",
        type=Path,
        metavar="DIR",
        help="a new folder for the report, the raw numbers and the system's state "
        "(default: reports/ and the time)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of labelers, prompts and adapter")
    parser.add_argument(
        "--labeler",
        choices=("simulated", "console", "page"),
        default="simulated",
        help="who compares and marks answers: a simulated, erring reader, or you, in this terminal "
        "or in a browser",
    )
    _add_experiment_arguments(parser, updates=16, minutes=14.5, teaching=math.inf, answers=128)
    add_machine_arguments(parser)


def add_bench_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ratchet bench`."""
    parser.add_argument("name", choices=("demo",), help="what is measured")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], metavar="SEED")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("bench-results"),
        metavar="DIR",
        help="folder of the results; reports lie below it (default: %(default)s)",
    )
    _add_experiment_arguments(parser, updates=18, minutes=23, teaching=14, answers=256)
    add_machine_arguments(parser)


def _add_experiment_arguments(
    parser: argparse.ArgumentParser, updates: int, minutes: float, teaching: float, answers: int
) -> None:
    parser.add_argument(
        "--updates",
        type=_positive,
        default=updates,
        help="updates of the policy, at most (default: %(default)s)",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=minutes,
        help="that the run may take: where it is slow, fewer updates are made "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--teaching-minutes",
        type=float,
        default=teaching,
        help="from the services' readiness to the last update, as foretold: one with a gate's test "
        "in it takes longer (default: %(default)s)",
    )
    parser.add_argument(
        "--answers",
        type=_even,
        default=answers,
        help="answers to never-trained prompts, two a prompt, that are measured before and after "
        "(default: %(default)s, at most 512)",
    )
    parser.add_argument(
        "--marks", type=_even, default=800, help="answers that labelers mark, at most"
    )
    parser.add_argument(
        "--drill",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="after the last update spoil one more on purpose, which the gate must undo",
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _even(text: str) -> int:
    value = _positive(text)
    if value % 2 or value > 2048:
        raise argparse.ArgumentTypeError("must be an even number, at most 2048")
    return value
