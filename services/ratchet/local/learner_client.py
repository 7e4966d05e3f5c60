"""Calling the learner of a system that runs."""

import argparse
from collections.abc import Generator
from contextlib import contextmanager

import grpc

from ratchet.local.endpoints import read_endpoints
from ratchet.local.state import StateDirectory
from ratchet.process.config import ConfigError
from ratchet.v1.weights_pb2_grpc import WeightsServiceStub

CALL_SECONDS = 60.0
"""A command waits for the step that the learner is in."""


@contextmanager
def learner_stub(arguments: argparse.Namespace) -> Generator[WeightsServiceStub]:
    """A stub for `--learner`, or for the learner of `--state`.

    Raises:
        ConfigError: nothing runs there, nobody answers, or the learner refuses; one line.
    """
    address = arguments.learner or _address(StateDirectory(arguments.state))
    with grpc.insecure_channel(address) as channel:
        try:
            yield WeightsServiceStub(channel)
        except grpc.RpcError as error:
            raise ConfigError(f"learner at {address}: {error.details()}") from None


def _address(state: StateDirectory) -> str:
    learner = read_endpoints(state.endpoints).get("learner")
    if learner is None or not state.is_locked():
        raise ConfigError(f"{state.root}: nothing runs there; start it with `ratchet up`")
    return learner.address
