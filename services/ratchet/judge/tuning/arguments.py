"""The options of `ratchet judge`."""

import argparse
from pathlib import Path


def add_judge_arguments(parser: argparse.ArgumentParser) -> None:
    """Of `ratchet judge tune`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    what = "measure the engines on this machine, and write the faster one into the settings"
    tune = actions.add_parser("tune", help=what, description=f"{what}.")
    tune.add_argument("config", type=Path, metavar="CONFIG.toml", help="the judge's settings")
    tune.add_argument("--judge", metavar="NAME", help="this one (default: all of kind model)")
    tune.add_argument("--dry-run", action="store_true", help="measure and print, write nothing")
    for option, default, help_ in (
        ("--runs", 5, "measured runs of each engine, which take turns"),
        ("--singles", 8, "prompts with one answer, in a run"),
        ("--groups", 2, "prompts with several answers, in a run"),
        ("--completions", 8, "answers of such a group"),
        ("--prompt-tokens", 300, "mean length of a prompt"),
        ("--completion-tokens", 100, "mean length of an answer"),
    ):
        tune.add_argument(
            option, type=int, default=default, metavar="N", help=f"{help_} (default {default})"
        )
