"""The whole system, its judge and its learner killed while it learns and an app uses it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.chaos.rollouts import committed

from ratchet.demo.plan import GROUPS_PER_UPDATE
from ratchet.demo.run_folder import RunFolder
from ratchet.learner.applied_groups import AppliedGroups
from ratchet.learner.checkpoint import CheckpointStore
from ratchet.local.broker import Broker
from ratchet.local.endpoints import read_endpoints
from ratchet.process.config import KafkaSettings
from ratchet.stream.topics import JUDGEMENTS, ROLLOUTS
from ratchet.v1.prompt_pb2 import PURPOSE_TRAIN

UPDATES, SPOILED = 3, 1
PATIENCE_SECONDS = 1200.0


class Demo:
    """`ratchet demo` as a user starts it."""

    def __init__(self, root: Path) -> None:
        self.folder = RunFolder(root / "report")
        self._log = root / "demo.log"
        command = [sys.executable, "-m", "ratchet.cli", "demo"]
        command += ["--report", str(self.folder.root), "--ports", "auto", "--answers", "16"]
        command += ["--updates", str(UPDATES), "--marks", "160", "--minutes", "60"]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(command, env=os.environ, stdout=log, stderr=log)

    def until(self, reached: Callable[[], Any]) -> None:
        """Looks every half second; what is waited for shows in files alone."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not reached():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.5)

    def kill(self, service: str) -> None:
        """SIGKILL, and no more than that: the supervisor must do the rest."""
        pid = read_endpoints(self.folder.state / "endpoints.json")[service].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        self.until(lambda: self._serves_again(service, pid))

    def _serves_again(self, service: str, dead: int) -> bool:
        found = read_endpoints(self.folder.state / "endpoints.json").get(service)
        return found is not None and found.ready and found.pid != dead

    def progress(self, field: str) -> int:
        """The newest count that the learner told."""
        return max((int(row.get(field, 0)) for row in self.folder.read("progress")), default=0)

    @property
    def log(self) -> str:
        return self._log.read_text()[-3000:]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    # The services end with their supervisor, and that with the demo.
    demo.process.terminate()
    demo.process.wait()


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_judge_and_learner_killed_no_group_is_lost_or_trained_twice(
    demo: Demo, kafka_libs: Path
) -> None:
    demo.until(lambda: demo.progress("judge_version") > 0)
    demo.kill("judge")
    demo.until(lambda: demo.progress("updates") > 0)
    demo.kill("learner")
    assert demo.process.wait(PATIENCE_SECONDS) == 0, demo.log

    summary = json.loads(demo.folder.summary.read_text())
    assert summary["updates"] == UPDATES + SPOILED
    assert summary["rollbacks"] >= SPOILED, "the gate found the spoiled update"
    calls = Counter((row["call"], row["code"]) for row in demo.folder.read("traffic"))
    assert calls["Generate", "OK"] and calls["Score", "OK"]
    assert {code for call, code in calls if call == "Generate"} == {"OK"}
    assert {code for call, code in calls if call == "Score"} <= {"OK", "UNAVAILABLE"}

    # At the end of the run some of the newest may be on their way; none before them is missing.
    rollouts, judged = _topics(demo.folder.state, kafka_libs)
    assert len(set(rollouts)) == len(rollouts)
    assert judged == rollouts[: len(judged)], "each sampled group was judged once"
    checkpoint = CheckpointStore(demo.folder.state / "learner").load()
    assert checkpoint is not None
    state = checkpoint.state
    applied = AppliedGroups.load(state.applied)
    training = [group_id for group_id, purpose in judged if purpose == PURPOSE_TRAIN]
    taken = [group_id for group_id in training if not applied.add(group_id)]
    assert taken == training[: len(taken)], "each judged group was taken in"
    assert state.groups_trained == (UPDATES + SPOILED) * GROUPS_PER_UPDATE
    settled = state.groups_trained + state.groups_discarded + len(checkpoint.waiting)
    assert settled == len(taken), "each is trained on, discarded or waits, and once only"


def _topics(state: Path, kafka_libs: Path) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """(group id, purpose) of all rollouts, and of all judgements, as the broker kept them."""
    broker = Broker(kafka_libs, state / "kafka")
    broker.start()
    try:
        kafka = KafkaSettings(bootstrap_servers=broker.bootstrap_servers)
        rollouts = [(g.group_id, g.prompt.purpose) for g in committed(kafka, ROLLOUTS)]
        judged = [(g.group.group_id, g.group.prompt.purpose) for g in committed(kafka, JUDGEMENTS)]
        return rollouts, judged
    finally:
        broker.stop()
