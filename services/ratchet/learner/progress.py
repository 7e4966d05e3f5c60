"""What the learner is doing, for callers in other threads."""

import math
import threading
import time
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager

from ratchet.learner import metrics
from ratchet.learner.state import LearnerState
from ratchet.v1.weights_pb2 import GetProgressResponse, Pointer


class Progress:
    """The newest counts and pointers, the stage, and the seconds spent in each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = GetProgressResponse()
        self._pointers: list[Pointer] = []
        self._stage = "starting"
        self._since = time.monotonic()
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def show(self, state: LearnerState, updates_wanted: int, marked_answers: int) -> None:
        """Replace what callers, and Prometheus, see."""
        counts = GetProgressResponse(
            updates=state.updates,
            updates_wanted=updates_wanted,
            policy_version=state.policy.serving,
            policy_floor_version=state.policy.floor,
            judge_version=state.judge.serving,
            groups_trained=state.groups_trained,
            groups_discarded=state.groups_discarded,
            graded_answers=state.graded_answers,
            marked_answers=marked_answers,
            rollbacks=state.rollbacks,
            mean_score=state.mean_score,
            kl=state.kl,
            judge_agreement=state.judge_agreement,
            paused=state.paused,
            halted=state.halted,
        )
        lineages = [lineage for lineage in (state.policy, state.judge) if lineage.serving]
        pointers = [lineage.pointer for lineage in lineages]
        with self._lock:
            self._counts, self._pointers = counts, pointers
        for lineage in lineages:
            role = lineage.role.removeprefix("ROLE_").lower()
            metrics.VERSION.labels(role).set(lineage.serving)
            metrics.FLOOR_VERSION.labels(role).set(lineage.floor)
        metrics.MARKED_ANSWERS.set(marked_answers)
        metrics.MEAN_SCORE.set(state.mean_score)
        metrics.KL.set(state.kl)
        metrics.JUDGE_AGREEMENT.set(state.judge_agreement)
        metrics.DISTINCT_ANSWERS.set(state.distinct_answers)
        metrics.ANSWER_OVERLAP.set(state.answer_overlap)
        metrics.CANARIES_MET.set(math.nan if state.canaries_met is None else state.canaries_met)

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """What happens inside `with` is told, and timed, as this stage."""
        outer = self._enter(name)
        try:
            yield
        finally:
            self._enter(outer)

    @property
    def pointers(self) -> list[Pointer]:
        """What each role serves; empty before the first version."""
        with self._lock:
            return list(self._pointers)

    def snapshot(self) -> GetProgressResponse:
        """The newest counts, with the stage as of now."""
        with self._lock:
            response = GetProgressResponse()
            response.CopyFrom(self._counts)
            response.stage = self._stage
            response.stage_seconds.update(self._seconds)
            response.stage_seconds[self._stage] += time.monotonic() - self._since
            return response

    def _enter(self, name: str) -> str:
        with self._lock:
            outer, now = self._stage, time.monotonic()
            self._seconds[outer] += now - self._since
            metrics.STAGE_SECONDS.labels(outer).inc(now - self._since)
            self._stage, self._since = name, now
            return outer
