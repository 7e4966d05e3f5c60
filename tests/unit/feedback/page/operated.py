"""A learner that operators command over real gRPC; nothing is trained in it."""

import threading
from pathlib import Path
from typing import Any

from tests.unit.weights.versions import publish

from ratchet.feedback.config import LearnerSettings
from ratchet.feedback.history import History
from ratchet.feedback.learner_client import LearnerClient
from ratchet.learner.commands import Command, CommandQueue
from ratchet.learner.grpc_servicer import WeightsServicer
from ratchet.learner.lineage import Lineage, NothingProven, PointerMoved
from ratchet.learner.progress import Progress
from ratchet.learner.state import LearnerState
from ratchet.process.config import AuthSettings
from ratchet.process.errors import FailedPrecondition
from ratchet.process.grpc_server import GrpcServer
from ratchet.v1.weights_pb2 import (
    ROLE_JUDGE,
    ROLE_POLICY,
    GateReport,
    Manifest,
    WeightsRecord,
)
from ratchet.v1.weights_pb2_grpc import add_WeightsServiceServicer_to_server
from ratchet.weights.registry import Registry

STANDARD = "shop-support"


class OperatedLearner:
    """Judges 1 to 3, of which 2 serves and 3 is a candidate; policy 2 on probation above 1."""

    def __init__(self, folder: Path, history: History, keys_file: Path | None = None) -> None:
        self.state = LearnerState()
        self.history = history
        self.obeyed: list[Command[Any]] = []
        self._registry = Registry(folder)
        self._commands: CommandQueue[Any] = CommandQueue()
        self._progress = Progress()
        self._stop = threading.Event()
        self._server = GrpcServer(
            "127.0.0.1", 0, ["ratchet.v1.WeightsService"], auth=AuthSettings(keys_file=keys_file)
        )
        servicer = WeightsServicer(self._commands, self._progress, self._registry)
        add_WeightsServiceServicer_to_server(servicer, self._server.server)
        judge, policy = self.state.judge, self.state.policy
        for version in (1, 2, 3):
            self._publish(ROLE_JUDGE, version)
        for version in (1, 2):
            self._publish(ROLE_POLICY, version)
        self._tell(judge.serve_proven(self._manifest(ROLE_JUDGE, 1)))
        self._tell(judge.serve_proven(self._manifest(ROLE_JUDGE, 2)))
        self._tell(judge.propose(self._manifest(ROLE_JUDGE, 3)))
        self._tell(policy.serve_proven(self._manifest(ROLE_POLICY, 1)))
        self._tell(policy.put_on_probation(self._manifest(ROLE_POLICY, 2)))

    async def start(self, key_file: Path | None = None) -> LearnerClient:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.address = f"127.0.0.1:{await self._server.start()}"
        return LearnerClient(LearnerSettings(address=self.address, key_file=key_file))

    async def stop(self) -> None:
        self._commands.close()
        self._stop.set()
        self._thread.join()
        await self._server.drain(1)

    # What the servicer asks of the learner.

    def promote(self, role: Any, version: int, expected_epoch: int = 0) -> Any:
        lineage = self._expect(role, expected_epoch)
        self._tell(lineage.promote(version))
        return lineage.pointer

    def roll_back(self, role: Any, expected_epoch: int = 0) -> Any:
        self._expect(role, expected_epoch)
        policy = self.state.policy
        try:
            if role == ROLE_JUDGE:
                self._tell(self.state.judge.step_back())
                return self.state.judge.pointer
            self._tell(policy.roll_back(self._manifest(ROLE_POLICY, policy.newest + 1), None))
        except NothingProven:
            raise FailedPrecondition("the floor is being served already") from None
        return policy.pointer

    def pause(self) -> None:
        self.state.paused = True
        self._progress.show(self.state, 0, 0)

    def resume(self) -> None:
        self.state.paused = False
        self._progress.show(self.state, 0, 0)

    def _expect(self, role: Any, epoch: int) -> Lineage:
        lineage = self.state.judge if role == ROLE_JUDGE else self.state.policy
        try:
            lineage.expect(epoch)
        except PointerMoved as error:
            raise FailedPrecondition(str(error)) from None
        return lineage

    def _run(self) -> None:
        while not self._stop.wait(0.005):
            self._commands.obey(self, self.obeyed.append)

    def _publish(self, role: Any, version: int) -> None:
        publish(self._registry, version, role)

    def _manifest(self, role: Any, version: int) -> Manifest:
        report = GateReport(passed=version < 3, reason=f"The bound of {version} is 0.6.")
        return Manifest(role=role, version=version, standard_id=STANDARD, gate_report=report)

    def _tell(self, records: list[WeightsRecord]) -> None:
        """As the topic would: a status takes nothing else of a manifest away."""
        for record in records:
            if record.HasField("manifest"):
                key = record.manifest.role, record.manifest.version
                known = self.history.ledger.manifests.get(key)
                if known is not None:
                    known.status = record.manifest.status
                    continue
            self.history.apply_weights(record)
        self._progress.show(self.state, 0, 0)
