"""The options of the commands that run or operate the system."""

import argparse
from pathlib import Path

DEFAULT_STATE = Path("ratchet-state")


def add_state_argument(parser: argparse.ArgumentParser) -> None:
    """Which system is meant."""
    parser.add_argument(
        "--state",
        type=Path,
        default=DEFAULT_STATE,
        metavar="DIR",
        help="where Kafka's log, weights, checkpoints and logs are kept (default: %(default)s)",
    )


def add_machine_arguments(parser: argparse.ArgumentParser) -> None:
    """What every command takes that may start the system."""
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
    add_state_argument(parser)
    add_machine_arguments(parser)


def add_learner_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ratchet pause` and `ratchet resume`."""
    add_state_argument(parser)
    parser.add_argument(
        "--learner",
        metavar="HOST:PORT",
        help="a learner's gRPC address (default: that of the system in the state directory)",
    )


def add_weights_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ratchet weights`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    of_one = argparse.ArgumentParser(add_help=False)
    of_one.add_argument("role", choices=("policy", "judge"))
    of_one.add_argument("version", type=int)
    for name, help_, parents in (
        ("list", "every version whose files are kept, and what is served", []),
        ("show", "one version's manifest with its gate report", [of_one]),
        ("verify", "check the files of one version, or of all, against their manifests", []),
        ("promote", "make a version the served one and its role's floor", [of_one]),
        ("rollback", "go back to the floor", []),
    ):
        action = actions.add_parser(name, help=help_, description=f"{help_}.", parents=parents)
        if name == "verify":
            action.add_argument("role", nargs="?", choices=("policy", "judge"))
            action.add_argument("version", nargs="?", type=int)
        if name == "rollback":
            action.add_argument("role", choices=("policy", "judge"))
        add_learner_arguments(action)


def add_key_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ratchet key`."""
    parser.add_argument("file", type=Path, metavar="FILE.toml", help="the service's auth.keys_file")
    parser.add_argument("--tenant", required=True, help="whose key; a new name is added")
    parser.add_argument(
        "--role",
        choices=("labeler", "operator"),
        help="what a new tenant's people may on the labeling page (default: labeler)",
    )


def add_backup_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ratchet backup` and `ratchet restore`."""
    add_state_argument(parser)
    parser.add_argument("file", type=Path, metavar="FILE.tar", help="the packed state")
