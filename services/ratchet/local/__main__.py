"""`python -m ratchet.local`: the same as `ratchet up`."""

import argparse
import sys

from ratchet.local.arguments import add_up_arguments
from ratchet.process.supervised import end_with_supervisor

if __name__ == "__main__":
    end_with_supervisor()
    parser = argparse.ArgumentParser(prog="ratchet up", description="Runs the whole system.")
    add_up_arguments(parser)
    arguments = parser.parse_args()
    from ratchet.local.up import command

    sys.exit(command(arguments))
