"""What a caller of Generate sees."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from ratchet.policy.config import PolicySettings
from ratchet.policy.engine_died import EngineDied
from ratchet.policy.grpc_servicer import PolicyServicer
from ratchet.process.errors import InvalidField, Overloaded, Unavailable
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.policy_service_pb2 import GenerateRequest
from ratchet.v1.rollout_pb2 import Completion, WeightSpan


class ScriptedModel:
    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    def prompt_ids(self, messages: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        return tuple(range(len(messages)))

    async def generate(self, *asked: object) -> list[Completion]:
        self.asked.append(asked)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        spans = [
            WeightSpan(policy_version=1, start=0, end=3),
            WeightSpan(policy_version=2, start=3, end=5),
        ]
        return [Completion(text="Sorry!", weight_spans=spans)]


def request(**fields: object) -> GenerateRequest:
    return GenerateRequest(messages=[Message(role="user", content="Hi")], n=1, **fields)


@pytest.fixture
def servicer(tmp_path: Path) -> PolicyServicer:
    return PolicyServicer(PolicySettings(registry=tmp_path, max_waiting_calls=1))


async def test_unavailable_until_a_model_is_loaded(servicer: PolicyServicer) -> None:
    with pytest.raises(Unavailable):
        await servicer.Generate(request(), None)


async def test_a_bad_request_is_told_so_even_before_that(servicer: PolicyServicer) -> None:
    with pytest.raises(InvalidField):
        await servicer.Generate(GenerateRequest(n=1), None)


async def test_unset_fields_take_the_defaults_and_zero_temperature_is_greedy(
    servicer: PolicyServicer,
) -> None:
    servicer.model = model = ScriptedModel()
    await servicer.Generate(request(), None)
    await servicer.Generate(request(temperature=0, max_tokens=7, seed=0), None)
    assert model.asked == [((0,), 1, 64, 1.0, None), ((0,), 1, 7, 0.0, 0)]


async def test_the_reply_names_the_version_of_the_last_token(servicer: PolicyServicer) -> None:
    servicer.model = ScriptedModel()
    reply = await servicer.Generate(request(), None)
    assert reply.policy_version == 2


async def test_too_many_calls_are_told_when_to_come_again(servicer: PolicyServicer) -> None:
    servicer.model = model = ScriptedModel()
    model.gate.clear()
    first = asyncio.create_task(servicer.Generate(request(), None))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await servicer.Generate(request(), None)
    model.gate.set()
    await first
    await servicer.Generate(request(), None)


async def test_a_caller_that_goes_away_frees_its_place(servicer: PolicyServicer) -> None:
    servicer.model = model = ScriptedModel()
    model.gate.clear()
    call = asyncio.create_task(servicer.Generate(request(), None))
    await asyncio.sleep(0)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    model.gate.set()
    await servicer.Generate(request(), None)


async def test_a_dead_engine_is_unavailable(servicer: PolicyServicer) -> None:
    servicer.model = model = ScriptedModel()
    model.error = EngineDied("gone")
    with pytest.raises(Unavailable):
        await servicer.Generate(request(), None)
