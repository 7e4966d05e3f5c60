import threading
from concurrent import futures

import grpc
import pytest

from ratchet.demo.erring_reader import ErringReader
from ratchet.demo.prompts import TRAIN
from ratchet.demo.simulated_labeler import label
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.feedback_service_pb2 import NextComparisonResponse, SubmitPreferenceResponse
from ratchet.v1.feedback_service_pb2_grpc import (
    FeedbackServiceServicer,
    FeedbackServiceStub,
    add_FeedbackServiceServicer_to_server,
)
from ratchet.v1.preference_pb2 import VOTE_UNSPECIFIED, Comparison
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion


class Feedback(FeedbackServiceServicer):
    """Always has another pair, and fails now and then."""

    def __init__(self) -> None:
        self.asked = 0
        self.tries = 0
        self.accepted = {}

    def NextComparison(self, request, context):
        self.asked += 1
        if self.asked == 2:
            context.abort(grpc.StatusCode.NOT_FOUND, "none waits")
        customer = TRAIN[self.asked]
        return NextComparisonResponse(
            comparison=Comparison(
                pair_id=f"g{self.asked}/0-1",
                prompt=Prompt(messages=[Message(role=r, content=c) for r, c in customer.messages]),
                answer_a=Completion(text="Sorry.", finish_reason="stop"),
                answer_b=Completion(text="", finish_reason="stop"),
            ),
            marked_answers=2 * len(self.accepted),
        )

    def SubmitPreference(self, request, context):
        self.tries += 1
        if self.tries == 1:
            context.abort(grpc.StatusCode.UNAVAILABLE, "being restarted")
        self.accepted[request.submission_id] = request
        return SubmitPreferenceResponse(marked_answers=2 * len(self.accepted))


@pytest.fixture
def feedback():
    servicer = Feedback()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    add_FeedbackServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        servicer.stub = FeedbackServiceStub(channel)
        yield servicer
    server.stop(0).wait()


def test_it_labels_up_to_the_limit_through_failures(feedback, monkeypatch) -> None:
    monkeypatch.setattr("ratchet.demo.simulated_labeler.LONGEST_PAUSE_SECONDS", 0.01)
    readers = [ErringReader("ann", 1), ErringReader("bob", 1)]
    label(feedback.stub, "shop-support", readers, 11, threading.Event())
    sent = list(feedback.accepted.values())
    assert len(sent) == 5
    assert {one.labeler for one in sent} == {"ann", "bob"}
    assert all(one.vote != VOTE_UNSPECIFIED and one.seconds >= 0 for one in sent)
    assert sent[0].submission_id == "g1/0-1/ann"


def test_it_stops_when_told_to(feedback) -> None:
    stop = threading.Event()
    stop.set()
    label(feedback.stub, "shop-support", [ErringReader("ann", 1)], 99, stop)
    assert feedback.asked == 0
