"""The timings of a reply tell where the time of its call went."""

import itertools
import time
from collections.abc import Callable, Iterator

import pytest
from tests.chaos.judge_process import judging
from tests.chaos.rollouts import tiny_trunk
from tests.unit.reward.tiny import save_tiny_reward_model

from ratchet.process.packed import pack_u32
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import (
    ScoredItem,
    ScoreGroupRequest,
    ScoreGroupResponse,
    ScoreItem,
    ScoreRequest,
    ScoreResponse,
)
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceStub

ITEMS, TRIES = 128, 30
Call = tuple[Callable[..., ScoreResponse | ScoreGroupResponse], ScoreRequest | ScoreGroupRequest]
Ask = Callable[[JudgeServiceStub, str], Call]

numbers = itertools.count()


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JudgeServiceStub]:
    folder = tmp_path_factory.mktemp("judge")
    trunk = tiny_trunk(folder / "trunk")
    reward = save_tiny_reward_model(folder / "reward", trunk)
    judges = {"reward": {"kind": "model", "folder": str(reward), "compiled": False}}
    with judging(folder, trunk, judges) as service, service.until_serving() as channel:
        yield JudgeServiceStub(channel)


def text() -> str:
    """New to the judge, so that the model has to read it."""
    return " ".join("".join(chr(97 + int(d)) for d in str(next(numbers))) for _ in range(8))


def texts(stub: JudgeServiceStub, judge: str) -> Call:
    items = [
        ScoreItem(messages=[Message(role="user", content=text())], completion=text())
        for _ in range(ITEMS)
    ]
    return stub.Score, ScoreRequest(items=items, judge=judge)


def token_ids(stub: JudgeServiceStub, judge: str) -> Call:
    items = [
        ScoreItem(
            prompt_token_ids=pack_u32([next(numbers) * 7919 % 48000 for _ in range(60)]),
            completion_token_ids=pack_u32([next(numbers) % 40000 for _ in range(60)]),
        )
        for _ in range(ITEMS)
    ]
    return stub.Score, ScoreRequest(items=items, judge=judge)


def group(stub: JudgeServiceStub, judge: str) -> Call:
    messages = [Message(role="user", content=text())]
    completions = [text() for _ in range(ITEMS)]
    return stub.ScoreGroup, ScoreGroupRequest(
        messages=messages, completions=completions, judge=judge
    )


@pytest.mark.parametrize("judge", ["serving", "reward"])
@pytest.mark.parametrize("ask", [texts, token_ids, group])
def test_they_add_up_to_the_latency_that_the_caller_measures(
    stub: JudgeServiceStub, judge: str, ask: Ask
) -> None:
    """In the best of many calls: whoever else uses the machine stands in the others' way."""
    shares: list[float] = []
    while not shares or (max(shares) < 0.95 and len(shares) < TRIES):
        method, request = ask(stub, judge)
        began = time.perf_counter()
        reply = method(request, timeout=60)
        latency = time.perf_counter() - began
        assert not any(item.judgement.HasField("error") or item.cached for item in reply.items)
        shares.append(max(map(told, reply.items)) / latency)
        assert shares[-1] <= 1
    assert max(shares) >= 0.95, shares


def told(item: ScoredItem) -> float:
    times = item.timings
    assert min(times.tokenized_seconds, times.model_seconds) > 0
    return times.tokenized_seconds + times.queued_seconds + times.model_seconds
