"""Labelers who are no people: `python -m ratchet.demo.simulated_labeler --feedback host:port`.

A process of its own that speaks only FeedbackService, as a labeler's app would.
"""

import argparse
import itertools
import logging
import signal
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

import grpc

from ratchet.demo.erring_reader import ErringReader, UnknownPrompt
from ratchet.demo.shop_standard import STANDARD_ID
from ratchet.process.supervised import end_with_supervisor
from ratchet.v1.feedback_service_pb2 import (
    NextComparisonRequest,
    NextComparisonResponse,
    SubmitPreferenceRequest,
)
from ratchet.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from ratchet.v1.preference_pb2 import Comparison

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
RPC_SECONDS = 20.0

_NOT_NOW = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)

log = logging.getLogger("ratchet.demo.simulated_labeler")


def label(
    feedback: FeedbackServiceStub,
    standard_id: str,
    readers: Sequence[ErringReader],
    limit: int,
    stop: threading.Event,
) -> None:
    """The readers label in turn, as fast as comparisons come.

    They end when one more would bring the marked answers, as the service counts them over all
    restarts, above `limit`, or when `stop` is set.

    Raises:
        grpc.RpcError: the service refused for a reason that waiting does not mend.
    """
    pause = FIRST_PAUSE_SECONDS
    for reader in itertools.cycle(readers):
        if stop.is_set():
            return
        offer = _next(feedback, standard_id, reader)
        if offer is None:
            stop.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            continue
        if offer.marked_answers + 2 > limit:
            log.info("%d answers are marked, which is enough", offer.marked_answers)
            return
        pause = FIRST_PAUSE_SECONDS
        try:
            submission = _read(reader, offer.comparison)
        except UnknownPrompt as error:
            log.warning("%s", error)
        else:
            _submit(feedback, submission, stop)


def _next(
    feedback: FeedbackServiceStub, standard_id: str, reader: ErringReader
) -> NextComparisonResponse | None:
    """None where there is nothing to label now."""
    request = NextComparisonRequest(standard_id=standard_id, labeler=reader.name)
    try:
        return feedback.NextComparison(request, timeout=RPC_SECONDS)
    except grpc.RpcError as error:
        if error.code() in (*_NOT_NOW, grpc.StatusCode.NOT_FOUND):
            return None
        raise


def _read(reader: ErringReader, comparison: Comparison) -> SubmitPreferenceRequest:
    """Raises UnknownPrompt where the reader cannot tell what would be right to answer."""
    began = time.monotonic()
    submission = SubmitPreferenceRequest(
        pair_id=comparison.pair_id,
        submission_id=f"{comparison.pair_id}/{reader.name}",
        labeler=reader.name,
        vote=reader.vote(comparison),
        marks_a=reader.marks(comparison.prompt, comparison.answer_a),
        marks_b=reader.marks(comparison.prompt, comparison.answer_b),
    )
    submission.seconds = time.monotonic() - began
    return submission


def _submit(
    feedback: FeedbackServiceStub, submission: SubmitPreferenceRequest, stop: threading.Event
) -> None:
    """Sends until it is accepted or `stop` is set; the submission id makes that safe."""
    while not stop.is_set():
        try:
            feedback.SubmitPreference(submission, timeout=RPC_SECONDS)
            return
        except grpc.RpcError as error:
            if error.code() not in _NOT_NOW:
                raise
            stop.wait(LONGEST_PAUSE_SECONDS)


def main(argv: Sequence[str] | None = None) -> int:
    """Labels until the limit is reached, or SIGTERM or Ctrl-C."""
    end_with_supervisor()
    args = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    readers = [ErringReader(f"labeler-{i + 1}", args.seed) for i in range(args.labelers)]
    with grpc.insecure_channel(args.feedback) as channel:
        label(FeedbackServiceStub(channel), args.standard, readers, args.limit, stop)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ratchet.demo.simulated_labeler")
    parser.add_argument("--feedback", default="127.0.0.1:50054", metavar="HOST:PORT")
    parser.add_argument("--standard", default=STANDARD_ID, help="id of the demo's standard")
    parser.add_argument("--labelers", type=_positive, default=2, help="people played, in turn")
    parser.add_argument("--limit", type=_positive, default=800, help="marked answers in all")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
