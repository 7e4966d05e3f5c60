"""The system under the demo: `ratchet up` as a child, and stubs of its services."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import grpc

from ratchet.local.endpoints import Endpoint, read_endpoints
from ratchet.local.service_process import ServiceProcess
from ratchet.process.config import ConfigError, KafkaSettings
from ratchet.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceStub
from ratchet.v1.policy_service_pb2_grpc import PolicyServiceStub
from ratchet.v1.weights_pb2_grpc import WeightsServiceStub

READY_SECONDS = 600.0
LOOK_SECONDS = 0.2
STOP_SECONDS = 30.0


class System:
    """Starts the system on a state directory, and stops it."""

    def __init__(self, state: Path, arguments: argparse.Namespace, settings: Sequence[str]) -> None:
        """Takes the options that `add_machine_arguments` knows, and further `--set`s."""
        command = [sys.executable, "-m", "ratchet.local", "--state", str(state)]
        command += ["--ports", arguments.ports]
        for option, value in (("--model", arguments.model), ("--kafka-libs", arguments.kafka_libs)):
            command += [option, str(value)] if value else []
        # The user's come last and win.
        for setting in [*settings, *arguments.overrides]:
            command += ["--set", setting]
        self._endpoints_file = state / "endpoints.json"
        self._up = ServiceProcess("up", command, {}, state.with_name("up.log"))

    def start(self) -> None:
        """Returns at once; see `wait_until_ready`."""
        self._up.start()

    def wait_until_kafka_is_ready(self) -> None:
        """Raises ConfigError where the system cannot start; one line."""
        self._wait(lambda endpoints: "kafka" in endpoints and endpoints["kafka"].ready)

    def wait_until_ready(self) -> None:
        """Raises ConfigError where the system cannot start; one line."""
        self._wait(lambda endpoints: bool(endpoints) and all(e.ready for e in endpoints.values()))
        channels = {
            name: grpc.insecure_channel(
                endpoint.address,
                # A service that was killed is met again soon after it is back.
                [("grpc.max_reconnect_backoff_ms", 1000)],
            )
            for name, endpoint in self.endpoints.items()
            if name != "kafka"
        }
        self.policy = PolicyServiceStub(channels["policy"])
        self.judge = JudgeServiceStub(channels["judge"])
        self.learner = WeightsServiceStub(channels["learner"])
        self.feedback = FeedbackServiceStub(channels["feedback"])

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """Where the services listen, as of now."""
        return read_endpoints(self._endpoints_file)

    @property
    def kafka(self) -> KafkaSettings:
        """How to reach the broker."""
        return KafkaSettings(bootstrap_servers=self.endpoints["kafka"].address)

    def check(self) -> None:
        """Raises ConfigError where the system has ended by itself."""
        if self._up.tend() is not None:
            raise ConfigError(self._up.last_words().removeprefix("ratchet: "))

    def stop(self) -> None:
        """Stops everything, within 30 s."""
        self._up.ask_to_stop()
        self._up.stop(time.monotonic() + STOP_SECONDS)

    def _wait(self, reached: Callable[[dict[str, Endpoint]], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not reached(self.endpoints):
            self.check()
            if time.monotonic() > deadline:
                raise ConfigError(f"the system was not ready in {READY_SECONDS:g} s")
            time.sleep(LOOK_SECONDS)
