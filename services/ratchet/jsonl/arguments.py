"""Options of the commands on JSON lines."""

import argparse
from pathlib import Path


def add_score_arguments(parser: argparse.ArgumentParser) -> None:
    """Of `ratchet score`; an API key is read from RATCHET_API_KEY, to stay out of histories."""
    parser.add_argument(
        "file", type=Path, help='JSON lines, each {"prompt": ..., "completion": ...}'
    )
    parser.add_argument("--out", type=Path, required=True, help="the same lines with judgements")
    parser.add_argument("--field", default="judgement", help="where in a line (default judgement)")
    parser.add_argument("--target", default="127.0.0.1:50051", metavar="HOST:PORT[,...]")
    parser.add_argument(
        "--ca", type=Path, metavar="PEM", help="TLS: who may have signed the server's certificate"
    )
    parser.add_argument("--judge", default="", help="a judge of the server (default: its own)")
    parser.add_argument("--truncate", action="store_true", help="cut prompts that are too long")
    parser.add_argument("--in-flight", type=int, default=32, help="calls at a time (default 32)")
    parser.add_argument("--deadline", type=float, default=60.0, help="seconds of a call")
