"""`ratchet demo`: the experiment, then its report."""

import argparse
import logging
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import grpc
from rich.console import Console

from ratchet.demo.experiment import Experiment
from ratchet.demo.plan import DemoPlan, Labeler
from ratchet.demo.report.command import write_report
from ratchet.demo.report.summary import Summary
from ratchet.demo.run_folder import RunFolder
from ratchet.demo.system import System
from ratchet.demo.view import LineView, LiveView
from ratchet.process.config import ConfigError


def command(arguments: argparse.Namespace) -> int:
    """Runs the demo; 2 where the machine or a setting is not as it must be, 130 on Ctrl-C."""
    root = arguments.report or Path("reports") / time.strftime("%Y-%m-%d-%H%M%S")
    folder = RunFolder(root.resolve())
    plan = plan_of(arguments, arguments.seed, arguments.labeler)
    try:
        return exit_code(lambda: run(plan, folder, arguments, Console()))
    except KeyboardInterrupt:
        print(
            f"\nstopped; nothing is lost: `ratchet up --state {folder.state}` goes on from here",
            file=sys.stderr,
        )
        return 130


def exit_code(work: Callable[[], object]) -> int:
    """Of a command that does this: 0, or 2 or 1 and one line on stderr."""
    try:
        work()
    except ConfigError as error:
        print(f"ratchet: {error}", file=sys.stderr)
        return 2
    except grpc.RpcError as error:
        print(f"ratchet: a call failed ({error.code().name}): {error.details()}", file=sys.stderr)
        return 1
    return 0


def plan_of(arguments: argparse.Namespace, seed: int, labeler: Labeler) -> DemoPlan:
    """The plan that the options ask for."""
    # A person may take all day.
    timed = labeler == "simulated"
    return DemoPlan(
        updates=arguments.updates,
        minutes=arguments.minutes if timed else math.inf,
        teaching_minutes=arguments.teaching_minutes if timed else math.inf,
        answers=arguments.answers,
        seed=seed,
        labeler=labeler,
        marks=arguments.marks,
        drill=arguments.drill,
    )


def run(
    plan: DemoPlan, folder: RunFolder, arguments: argparse.Namespace, console: Console
) -> Summary:
    """Runs one experiment and writes its report; raises ConfigError where it cannot."""
    # Whatever a client library has to say of a broker that stops belongs in no progress table.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    try:
        folder.create()
    except FileExistsError:
        raise ConfigError(f"{folder.root}: exists already; name a new folder") from None
    except OSError as error:
        raise ConfigError(f"{folder.root}: {error.strerror}") from None
    lively = console.is_terminal and plan.labeler != "console"
    with LiveView(console) if lively else LineView(console) as view:
        system = System(folder.state, arguments, plan.settings(folder.gate_prompts))
        Experiment(plan, folder, system, view, console).run()
        view.say("The services are stopped; the report is being written.")
        return write_report(plan, folder, arguments.model, console)
