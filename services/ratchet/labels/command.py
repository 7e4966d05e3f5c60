"""`ratchet labels`: preference data of other tools, in and out."""

import argparse
import logging
import sys

from ratchet.labels.exporting import export
from ratchet.labels.importing import import_labels
from ratchet.process.config import ConfigError
from ratchet.stream.connection import BrokerUnreachable
from ratchet.stream.producer import DeliveryFailed


def command(arguments: argparse.Namespace) -> int:
    """Runs one action; 1 where something of a file could not be used, 2 where nothing was done."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    try:
        return export(arguments) if arguments.action == "export" else import_labels(arguments)
    except DeliveryFailed as error:
        print(f"ratchet labels: {error}\nThe same command adds what is missing.", file=sys.stderr)
        return 1
    except (BrokerUnreachable, ConfigError, LookupError, OSError, ValueError) as error:
        print(f"ratchet labels: {error}", file=sys.stderr)
        return 2
