"""The demo's run, from an untaught policy to the end of its lessons; read it top to bottom."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.console import Console

from ratchet.demo.collect import collect
from ratchet.demo.evaluation import evaluate
from ratchet.demo.labelers import labelers
from ratchet.demo.pace import Pace
from ratchet.demo.plan import (
    ANSWERS_TO_LABEL,
    FIRST_LABEL_PROMPTS,
    MORE_LABEL_PROMPTS,
    SECOND_LABEL_PROMPTS,
    DemoPlan,
)
from ratchet.demo.prompt_feed import PromptFeed, write_gate_prompts
from ratchet.demo.run_folder import RunFolder
from ratchet.demo.shop_standard import shop_standard
from ratchet.demo.system import System
from ratchet.demo.traffic import Traffic
from ratchet.demo.view import Status, View
from ratchet.process.config import ConfigError
from ratchet.stream.producer import Producer
from ratchet.v1.feedback_service_pb2 import PutStandardRequest
from ratchet.v1.weights_pb2 import (
    CorruptNextUpdateRequest,
    GetProgressRequest,
    GetProgressResponse,
    SetUpdatesWantedRequest,
)

LOOK_SECONDS = 0.5
CALL_SECONDS = 60.0
STUCK_SECONDS = 900.0
"""Without a sign of progress, after which the run has failed."""

PATIENCE_SECONDS = 4.0
"""The learner has all labels and still waits: the gate has found no judge proven."""

NOT_NOW = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


class Experiment:
    """One run. Everything that is measured later lies in the run's folder afterwards."""

    def __init__(
        self, plan: DemoPlan, folder: RunFolder, system: System, view: View, console: Console
    ) -> None:
        self._plan, self._folder, self._system = plan, folder, system
        self._view, self._console = view, console
        self._started = time.monotonic()
        self._progress = GetProgressResponse()
        self._ready_at = self._progressed_at = self._started
        self._training_since: float | None = None
        self._background = ThreadPoolExecutor(1)

    def run(self) -> None:
        """Runs the system, teaches the policy, and stops the system again.

        Raises:
            ConfigError: the machine is not as it must be, or nothing moves any more; one line.
            grpc.RpcError: a call that must not fail did.
        """
        write_gate_prompts(self._folder.gate_prompts)
        self._system.start()
        try:
            feed = self._begin()
            address = self._system.endpoints["feedback"].address
            log = self._folder.root / "labeler.log"
            traffic = Traffic(
                self._system.policy,
                self._system.judge,
                lambda row: self._folder.append("traffic", row),
            )
            with labelers(self._plan, address, log, self._console):
                traffic.start()
                self._prove_a_judge(feed)
                traffic.judge_is_proven()
                self._until("first score", lambda: traffic.scored)
                self._have_more_labeled(feed)
                self._teach(feed)
                if self._plan.drill:
                    self._drill()
                self._event("finished")
                self._until("waiting for the last version", self._newest_is_served)
                self._measure("measuring the last policy", "answers_after")
                traffic.stop()
            self._event("measured")
            collect(self._folder, self._system.kafka, self._system.endpoints)
        finally:
            self._system.stop()
            # What is still being measured has lost its service by now.
            self._background.shutdown(wait=False, cancel_futures=True)

    def _begin(self) -> PromptFeed:
        """The standard is set, and the first prompts wait, when the services are ready."""
        self._event("started")
        self._show("starting Kafka and the services")
        self._system.wait_until_kafka_is_ready()
        feed = PromptFeed(Producer(self._system.kafka, "demo"), self._plan.seed)
        feed.to_label(FIRST_LABEL_PROMPTS)
        self._system.wait_until_ready()
        self._event("ready")
        self._ready_at = time.monotonic()
        request = PutStandardRequest(standard=shop_standard())
        self._system.feedback.PutStandard(request, timeout=CALL_SECONDS)
        page = self._system.endpoints["feedback"].page
        self._view.say(f"Answers can be compared in a browser, too, at {page}")
        return feed

    def _prove_a_judge(self, feed: PromptFeed) -> None:
        """Has answers labeled until the gate opens."""
        asked = FIRST_LABEL_PROMPTS
        waiting_since = time.monotonic()

        def proven() -> bool:
            nonlocal asked, waiting_since
            p = self._progress
            all_read = p.marked_answers >= min(ANSWERS_TO_LABEL * asked * 0.95, self._plan.marks)
            if not all_read or p.stage != "waiting for labels":
                waiting_since = time.monotonic()
            elif time.monotonic() > waiting_since + PATIENCE_SECONDS:
                self._view.say("The gate has not found the judge proven: more answers are labeled.")
                feed.to_label(MORE_LABEL_PROMPTS)
                asked, waiting_since = asked + MORE_LABEL_PROMPTS, time.monotonic()
            return p.judge_version > 0

        self._until("people read the first answers", proven)
        self._event("first judge")

    def _have_more_labeled(self, feed: PromptFeed) -> None:
        """A better judge before it teaches; the first policy is measured meanwhile."""
        marked = self._progress.marked_answers
        allowed = max(0, self._plan.marks - marked) // ANSWERS_TO_LABEL
        prompts = min(SECOND_LABEL_PROMPTS, allowed)
        feed.to_label(prompts)
        self._measure("measuring the first policy", "answers_before")
        if self._plan.labeler != "simulated":
            return  # Nobody waits for a person, who may have left.
        enough = marked + 0.95 * ANSWERS_TO_LABEL * prompts
        self._until(
            "people read more answers",
            lambda: (
                self._progress.marked_answers >= enough
                and self._progress.stage == "waiting for rollouts"
            ),
        )

    def _teach(self, feed: PromptFeed) -> None:
        """Rounds of rollouts, judgements and updates."""
        feed.to_train(self._plan.training_prompts)
        self._training_since = time.monotonic()
        self._event("training")
        plan = self._plan
        pace = Pace(
            self._started + 60 * plan.minutes,
            plan.updates_to_end,
            self._ready_at + 60 * plan.teaching_minutes,
        )
        self._until("teaching", lambda: self._taught() or self._time_is_up(pace))
        if not self._taught():
            self._view.say(f"{self._progress.updates} updates are what the time allows here.")
            # Obeyed between two updates: when it returns, the last one is made.
            self._want_updates(self._progress.updates)
        self._event("last update")
        self._until("testing the last version", self._tested)

    def _drill(self) -> None:
        """One more update, spoiled on purpose: the gate must find it and go back."""
        before = self._progress.updates
        self._command(self._system.learner.CorruptNextUpdate, CorruptNextUpdateRequest())
        self._want_updates(before + 1)
        self._event("drill")
        self._until("spoiling an update on purpose", lambda: self._progress.updates > before)
        self._until("testing the spoiled version", self._tested)

    def _taught(self) -> bool:
        return self._progress.updates >= self._plan.updates

    def _tested(self) -> bool:
        """Whether no version is on probation, and no update follows."""
        p = self._progress
        return p.stage == "finished" and p.policy_version == p.policy_floor_version

    def _want_updates(self, updates: int) -> None:
        request = SetUpdatesWantedRequest(updates_wanted=updates)
        self._command(self._system.learner.SetUpdatesWanted, request)

    def _time_is_up(self, pace: Pace) -> bool:
        now = time.monotonic()
        pace.see(self._progress.updates, now)
        return pace.is_over(now)

    def _measure(self, step: str, name: str) -> None:
        """Answers to never-trained prompts, by what is served now."""
        answers = self._background.submit(evaluate, self._system.policy, self._plan.answers)
        self._until(step, answers.done)
        self._folder.write(name, [answer.model_dump() for answer in answers.result()])
        self._event(name)

    def _newest_is_served(self) -> bool:
        [answer, _] = evaluate(self._system.policy, answers=2)
        return answer.policy_version == self._progress.policy_version

    # Looking, waiting, noting.

    def _until(self, step: str, reached: Callable[[], bool]) -> None:
        while True:
            self._look(step)
            if reached():
                return
            time.sleep(LOOK_SECONDS)

    def _look(self, step: str) -> None:
        self._system.check()
        try:
            seen = self._system.learner.GetProgress(GetProgressRequest(), timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            if error.code() not in NOT_NOW:
                raise
            seen = self._progress
        now = time.monotonic()
        if _signs(seen) != _signs(self._progress):
            self._progressed_at = now
            row = MessageToDict(seen, preserving_proto_field_name=True)
            self._folder.append("progress", {"at": time.time(), **row})
        elif now > self._progressed_at + STUCK_SECONDS:
            raise ConfigError(f"nothing has moved for {STUCK_SECONDS:g} s while {step}")
        self._progress = seen
        self._show(step)

    def _show(self, step: str) -> None:
        now, p = time.monotonic(), self._progress
        left, pace = None, 0.0
        if self._training_since is not None:
            since = now - self._training_since
            pace = p.groups_trained / since
            if 0 < p.updates <= p.updates_wanted:
                left = since / p.updates * (p.updates_wanted - p.updates)
        self._view.show(Status(step, now - self._started, left, pace, self._plan.marks, p))

    def _command(self, call: Callable[..., Any], request: Message) -> None:
        """Asks again until the service is back, should it be down just now."""

        def done() -> bool:
            try:
                call(request, timeout=CALL_SECONDS)
            except grpc.RpcError as error:
                if error.code() not in NOT_NOW:
                    raise
                return False
            return True

        self._until("teaching", done)

    def _event(self, name: str) -> None:
        self._folder.append("events", {"at": time.time(), "event": name})


def _signs(progress: GetProgressResponse) -> tuple[int, ...]:
    """What changes as long as anything goes on."""
    p = progress
    return (
        p.updates,
        p.policy_version,
        p.policy_floor_version,
        p.judge_version,
        p.groups_trained,
        p.groups_discarded,
        p.graded_answers,
        p.marked_answers,
    )
