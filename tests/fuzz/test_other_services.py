"""No input makes feedback or policy fail: their real servicers, without Kafka and vLLM behind."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor import ServiceDescriptor
from tests.fuzz.campaign import INPUTS, campaign
from tests.unit.feedback.judged import group
from tests.unit.feedback.test_grpc_servicer import House
from tests.unit.policy.test_grpc_servicer import ScriptedModel

from ratchet.feedback.pairs import Shares, pairs_of
from ratchet.policy.config import PolicySettings
from ratchet.policy.grpc_servicer import PolicyServicer
from ratchet.v1 import feedback_service_pb2, policy_service_pb2
from ratchet.v1.policy_service_pb2_grpc import add_PolicyServiceServicer_to_server


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[grpc.Channel]:
    """Both servicers on one port, in a thread with a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def open_house(folder: Path) -> tuple[House, int]:
        house = House()
        for i in range(10):
            answers = ["Sorry.", "Hello!"]
            house.pool.add(pairs_of(group(f"g{i}", answers, standard_id="shop"), {}, Shares(0, 0)))
        policy = PolicyServicer(PolicySettings(registry=folder, max_waiting_calls=5))
        policy.model = ScriptedModel()
        add_PolicyServiceServicer_to_server(policy, house.server.server)
        return house, await house.server.start()

    folder = tmp_path_factory.mktemp("registry")
    house, port = asyncio.run_coroutine_threadsafe(open_house(folder), loop).result(60)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as opened:
        yield opened
    asyncio.run_coroutine_threadsafe(house.server.drain(0), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "service",
    [
        feedback_service_pb2.DESCRIPTOR.services_by_name["FeedbackService"],
        policy_service_pb2.DESCRIPTOR.services_by_name["PolicyService"],
    ],
    ids=lambda service: service.name,
)
def test_every_input_gets_an_answer_that_its_caller_can_act_on(
    channel: grpc.Channel, service: ServiceDescriptor, caplog: pytest.LogCaptureFixture
) -> None:
    campaign(channel, service, ["none"], INPUTS // 10)
    assert "Traceback" not in caplog.text
