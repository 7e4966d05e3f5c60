"""An app that uses the services all the while: no call of its may be dropped."""

import threading
import time
from collections.abc import Callable
from typing import Any

import grpc

from ratchet.demo.evaluation import messages_of
from ratchet.demo.prompts import GATE
from ratchet.v1.judge_service_pb2 import ScoreItem, ScoreRequest
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceStub
from ratchet.v1.policy_service_pb2 import GenerateRequest
from ratchet.v1.policy_service_pb2_grpc import PolicyServiceStub

PAUSE_SECONDS = 4.0
CALL_SECONDS = 120.0
TOKENS = 8


class Traffic:
    """Calls Generate and Score by turns, and hands a row for each call to `record`."""

    def __init__(
        self,
        policy: PolicyServiceStub,
        judge: JudgeServiceStub,
        record: Callable[[dict[str, Any]], None],
    ) -> None:
        self._policy, self._judge, self._record = policy, judge, record
        self._stop = threading.Event()
        self._judge_proven = threading.Event()
        self._first_score = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)

    def start(self) -> None:
        """Begins with Generate."""
        self._thread.start()

    def judge_is_proven(self) -> None:
        """From now on scores can be had, as soon as the service has loaded the version."""
        self._judge_proven.set()

    @property
    def scored(self) -> bool:
        """Whether a call of Score has been answered."""
        return self._first_score.is_set()

    def stop(self) -> None:
        """Ends after the call in flight."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        number = 0
        while not self._stop.is_set():
            prompt = GATE[number % len(GATE)]
            generate = GenerateRequest(messages=messages_of(prompt), n=1, max_tokens=TOKENS)
            self._call(
                "Generate",
                lambda request=generate: self._policy.Generate(request, timeout=CALL_SECONDS),
            )
            if self._judge_proven.is_set():
                item = ScoreItem(
                    messages=messages_of(prompt),
                    completion=f"I am sorry about your {prompt.product}. Please send the number.",
                )
                score = ScoreRequest(items=[item])
                if self._call(
                    "Score",
                    lambda request=score: self._judge.Score(request, timeout=CALL_SECONDS),
                    may_be_loading=not self.scored,
                ):
                    self._first_score.set()
            number += 1
            self._stop.wait(PAUSE_SECONDS)

    def _call(self, name: str, call: Callable[[], Any], may_be_loading: bool = False) -> bool:
        """`may_be_loading`: UNAVAILABLE is no drop, for nobody has been served yet."""
        started, code = time.time(), grpc.StatusCode.OK
        try:
            call()
        except grpc.RpcError as error:
            code = error.code()
            if may_be_loading and code == grpc.StatusCode.UNAVAILABLE:
                return False
        self._record(
            {"at": started, "call": name, "code": code.name, "seconds": time.time() - started}
        )
        return code == grpc.StatusCode.OK
