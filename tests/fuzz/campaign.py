"""Calls of a server, ten at a time, and what may come back."""

import os
from collections import Counter
from collections.abc import Callable

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.fuzz.requests import Sent, calls

INPUTS = int(os.environ.get("RATCHET_FUZZ_INPUTS", "10000"))
AT_ONCE = 10
"""Calls in flight, so that they meet in queues."""

Code = grpc.StatusCode
ANSWERS = {
    Code.OK,
    Code.INVALID_ARGUMENT,
    Code.NOT_FOUND,
    Code.UNAUTHENTICATED,
    Code.PERMISSION_DENIED,
    Code.RESOURCE_EXHAUSTED,
    Code.FAILED_PRECONDITION,
    Code.UNAVAILABLE,
}
"""What a caller can act on."""


def campaign(
    channel: grpc.Channel,
    service: ServiceDescriptor,
    keys: list[str],
    inputs: int = INPUTS,
    check: Callable[[Sent, Message], None] = lambda sent, answer: None,
) -> Counter[Code]:
    """Sends calls, asserts that each gets a status of `ANSWERS`, and counts them.

    `check` sees what came back with OK.
    """
    answers: Counter[Code] = Counter()

    def send(sent: Sent) -> grpc.Future:
        metadata = () if sent.authorization is None else (("authorization", sent.authorization),)
        return channel.unary_unary(sent.method).future(sent.request, timeout=60, metadata=metadata)

    def receive(sent: Sent, call: grpc.Future) -> None:
        error = call.exception()
        code = Code.OK if error is None else error.code()
        answers[code] += 1
        assert code in ANSWERS, f"{sent}: {error}"
        if code is Code.RESOURCE_EXHAUSTED:
            # Not what gRPC makes of a status that is too long for metadata.
            assert "retry in" in error.details(), f"{sent}: {error}"
        if error is None:
            method = service.methods_by_name[sent.method.rpartition("/")[2]]
            check(sent, GetMessageClass(method.output_type).FromString(call.result()))

    @settings(
        max_examples=max(inputs // AT_ONCE, 1),
        # The same inputs in CI each time; others at each `make fuzz`.
        derandomize="RATCHET_FUZZ_INPUTS" not in os.environ,
        database=None,
        # A failure names the one call at fault: to shrink it takes minutes, and tells no more.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(calls(service, keys), min_size=AT_ONCE, max_size=AT_ONCE))
    def run(batch: list[Sent]) -> None:
        asked = [(sent, send(sent)) for sent in batch]
        for sent, call in asked:
            receive(sent, call)

    run()
    print(dict(answers))
    assert answers.total() >= inputs // AT_ONCE * AT_ONCE
    # Inputs that all end at the first check would prove little.
    assert answers[Code.OK] > inputs / 30
    return answers
