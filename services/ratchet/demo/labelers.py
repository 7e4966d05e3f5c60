"""Who labels during the demo: the simulated labelers' process, or people."""

import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import grpc
from rich.console import Console

from ratchet.demo.console_labeler import LabelerLeft, label
from ratchet.demo.plan import DemoPlan
from ratchet.demo.shop_standard import STANDARD_ID
from ratchet.local.service_process import ServiceProcess
from ratchet.v1.feedback_service_pb2_grpc import FeedbackServiceStub

STOP_SECONDS = 10.0


@contextmanager
def labelers(plan: DemoPlan, feedback: str, log: Path, console: Console) -> Generator[None]:
    """They label while the `with` block runs; `feedback` is the service's address."""
    if plan.labeler == "console":
        threading.Thread(target=_ask_user, args=(feedback, console), daemon=True).start()
        yield
        return
    if plan.labeler == "page":  # they come by themselves
        yield
        return
    command = [sys.executable, "-m", "ratchet.demo.simulated_labeler", "--feedback", feedback]
    command += ["--limit", str(plan.marks), "--seed", str(plan.seed)]
    process = ServiceProcess("labeler", command, {}, log)
    process.start()
    try:
        yield
    finally:
        process.ask_to_stop()
        process.stop(time.monotonic() + STOP_SECONDS)


def _ask_user(feedback: str, console: Console) -> None:
    with grpc.insecure_channel(feedback) as channel:
        try:
            label(FeedbackServiceStub(channel), STANDARD_ID, "you", console, console.input)
        except (LabelerLeft, EOFError):
            console.print("No more labels from you; the demo goes on with those it has.")
        except grpc.RpcError as error:
            console.print(f"labeling ended: {error.details()}", soft_wrap=True)
