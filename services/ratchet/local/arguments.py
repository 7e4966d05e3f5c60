"""The options of `ratchet up`."""

import argparse
from pathlib import Path

DEFAULT_STATE = Path("ratchet-state")


def add_machine_arguments(parser: argparse.ArgumentParser) -> None:
    """What every command takes that may start the system."""
    parser.add_argument(
        "--state",
        type=Path,
        default=DEFAULT_STATE,
        metavar="DIR",
        help="where Kafka's log, weights, checkpoints and logs are kept (default: %(default)s)",
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        help="first policy and judge's trunk, Hugging Face layout (default: SmolLM2-135M-Instruct)",
    )
    parser.add_argument(
        "--kafka-libs", type=Path, metavar="DIR", help="folder of Kafka's jars (see `make kafka`)"
    )
    parser.add_argument(
        "--ports",
        choices=("fixed", "auto"),
        default="fixed",
        help="the documented ports, or free ones that endpoints.json in the state folder tells",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="SERVICE.KEY=VALUE",
        dest="overrides",
        help="a setting of a service, kept in the state folder, such as learner.gate_every=5",
    )


def add_up_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ratchet up`."""
    add_machine_arguments(parser)
