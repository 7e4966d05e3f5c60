"""`python -m benchmarks.recursion run`: runs of the experiment; `report`: what came of them.

A run that was killed goes on from its last whole round. Several processes may be given the same
runs: each takes those that no other holds.
"""

import argparse
import os
import sys

from benchmarks.recursion import report_command, run_command
from ratchet.process.torch_environment import torch_environment


def main() -> int:
    """Exits with 2 where the arguments make no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.recursion",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run_command.add_arguments(commands.add_parser("run", help="make runs, or go on with them"))
    report_command.add_arguments(commands.add_parser("report", help="write docs/recursion.md anew"))
    arguments = parser.parse_args()
    return arguments.run(arguments, parser)


if __name__ == "__main__":
    missing = torch_environment()
    if missing and not {"--help", "-h"} & set(sys.argv):
        # Some of these are read by the dynamic loader, so before the first line of Python.
        command = [sys.executable, "-m", "benchmarks.recursion", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, **missing})
    sys.exit(main())
