"""`ratchet pause` and `ratchet resume`."""

import argparse
import sys

from ratchet.local.learner_client import CALL_SECONDS, learner_stub
from ratchet.process.config import ConfigError
from ratchet.v1.weights_pb2 import PauseRequest, ResumeRequest


def pause(arguments: argparse.Namespace) -> int:
    """Stops learning; what is served goes on being served."""
    try:
        with learner_stub(arguments) as learner:
            learner.Pause(PauseRequest(), timeout=CALL_SECONDS)
    except ConfigError as error:
        print(f"ratchet: {error}", file=sys.stderr)
        return 2
    print("learning is paused; `ratchet resume` goes on")
    return 0


def resume(arguments: argparse.Namespace) -> int:
    """Goes on learning, also after losses that were not finite."""
    try:
        with learner_stub(arguments) as learner:
            learner.Resume(ResumeRequest(), timeout=CALL_SECONDS)
    except ConfigError as error:
        print(f"ratchet: {error}", file=sys.stderr)
        return 2
    print("learning goes on")
    return 0
