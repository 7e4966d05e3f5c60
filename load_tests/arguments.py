"""Options of the commands, and what they mean."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from load_tests import schedule
from load_tests.content import Content
from load_tests.schedule import Phase
from load_tests.target import TargetSettings
from load_tests.trace import EXAMPLE, read_trace

DEFAULT_STEPS = "5,10,20,40,80"

T = TypeVar("T")


def parser() -> argparse.ArgumentParser:
    """Of `python -m load_tests`."""
    top = argparse.ArgumentParser(prog="python -m load_tests", description="Open-loop load tests.")
    commands = top.add_subparsers(dest="command", required=True)
    _add_run(commands.add_parser("run", help="put a server under load, and report"))
    again = commands.add_parser("report", help="one page of several runs' JSON lines")
    again.add_argument("files", type=Path, nargs="+", metavar="FILE")
    again.add_argument("--out", type=Path, required=True, help="the page")
    made_up = commands.add_parser("trace", help="print a made-up trace")
    made_up.add_argument("--calls", type=int, default=200)
    made_up.add_argument("--seed", type=int, default=0)
    return top


def _add_run(p: argparse.ArgumentParser) -> None:
    p.add_argument(
        "--target",
        default="127.0.0.1:50051",
        help="host:port[,...] of a judge (gRPC), or http://host:port of vLLM's server",
    )
    rate = p.add_argument_group("rate").add_mutually_exclusive_group()
    rate.add_argument("--rate", type=float, metavar="R", help="calls per second")
    rate.add_argument("--steps", metavar="R,R,...", help=f"rates in turn (default {DEFAULT_STEPS})")
    rate.add_argument("--ramp", metavar="R:R", help="from one rate to another")
    p.add_argument("--seconds", type=float, default=10.0, help="of each rate; of a ramp as a whole")
    p.add_argument("--windows", type=int, default=8, help="parts that a ramp is reported in")
    p.add_argument("--poisson", type=int, metavar="SEED", help="random gaps between calls")
    p.add_argument("--warm-up", type=float, default=2.0, help="seconds before, not reported")
    p.add_argument("--processes", type=int, default=1, help="of the generator")
    call = p.add_argument_group("calls")
    call.add_argument("--trace", type=Path, default=EXAMPLE, help="lengths (default: the example)")
    call.add_argument("--seed", type=int, default=0, help="of the calls' words or token ids")
    call.add_argument("--judge", default="", help="a judge of the server (default: its own)")
    call.add_argument("--method", choices=("Score", "ScoreGroup"), default="Score")
    call.add_argument("--tokens", action="store_true", help="send token ids, as vLLM always gets")
    call.add_argument("--token-ids", default="100:30000", metavar="LOW:HIGH", help="their range")
    call.add_argument("--path", default="/classify", help="of vLLM's server, or /pooling")
    call.add_argument("--model", default="", help="of vLLM's server (default: the one it serves)")
    call.add_argument("--deadline", type=float, default=5.0, help="seconds a call may take")
    call.add_argument("--slo-ms", type=float, default=1000.0, help="what a good call may take")
    call.add_argument("--api-key-env", metavar="NAME", help="environment variable with a key")
    call.add_argument("--ca", type=Path, help="PEM file of the judge's certificate authority")
    p.add_argument("--name", default="load", help="of the run, in its files and report")
    p.add_argument("--out", type=Path, default=Path("reports/load-tests"), help="folder")


def phases_of(a: argparse.Namespace) -> list[Phase]:
    """The schedule that was asked for. Raises ValueError."""
    if a.rate is not None:
        return schedule.constant(a.rate, a.seconds)
    if a.ramp is not None:
        first, last = _pair(a.ramp, float, "ramp")
        return schedule.ramp(first, last, a.seconds, a.windows)
    rates = [_number(part, float, "steps") for part in (a.steps or DEFAULT_STEPS).split(",")]
    return schedule.steps(rates, a.seconds)


def schedule_name(a: argparse.Namespace) -> str:
    """The schedule in words."""
    if a.rate is not None:
        return f"{a.rate:g} calls/s for {a.seconds:g} s"
    if a.ramp is not None:
        return f"a ramp of {a.ramp} calls/s in {a.seconds:g} s"
    return f"steps of {a.steps or DEFAULT_STEPS} calls/s, {a.seconds:g} s each"


def settings_of(a: argparse.Namespace) -> TargetSettings:
    """The target that was asked for. Raises OSError and ValueError."""
    if not 0 < a.slo_ms <= 1000 * a.deadline:
        raise ValueError(f"slo-ms: {a.slo_ms:g} is not above 0 and within the deadline")
    low, high = _pair(a.token_ids, int, "token-ids")
    content = Content(read_trace(a.trace), a.seed, low, high)
    key = os.environ.get(a.api_key_env, "") if a.api_key_env else ""
    if a.api_key_env and not key:
        raise ValueError(f"api-key-env: {a.api_key_env} is not set")
    # Each needs libraries that the other does not.
    if a.target.startswith(("http://", "https://")):
        from load_tests.target_vllm import VllmSettings

        return VllmSettings(a.target, content, a.path, a.model, a.deadline, key)
    from load_tests.target_grpc import GrpcSettings
    from ratchet.client.connection import Connection
    from ratchet.client.retries import Retries
    from ratchet.client.tls import Tls

    tls = Tls(ca=a.ca) if a.ca else None
    connection = Connection(a.target, key, tls, a.deadline, Retries(attempts=1))
    return GrpcSettings(connection, content, a.judge, a.method, a.tokens)


def call_name(a: argparse.Namespace) -> str:
    """What each call asks, in words."""
    if a.target.startswith(("http://", "https://")):
        return f"POST {a.path}, token ids"
    judge = a.judge or "serving"
    return f"{a.method} of judge {judge}, {'token ids' if a.tokens else 'texts'}"


def _pair(text: str, kind: Callable[[str], T], field: str) -> tuple[T, T]:
    first, colon, last = text.partition(":")
    if not colon:
        raise ValueError(f"{field}: {text!r} is no pair with a colon between")
    return _number(first, kind, field), _number(last, kind, field)


def _number(text: str, kind: Callable[[str], T], field: str) -> T:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{field}: {text!r} is no number") from None
