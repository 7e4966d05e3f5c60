"""For whom the learner is asked."""

from pathlib import Path

import grpc
import pytest
from tests.unit.feedback.page.operated import OperatedLearner

from ratchet.feedback.history import History
from ratchet.process.actor import ACTOR_METADATA
from ratchet.v1.weights_pb2 import PauseRequest
from ratchet.v1.weights_pb2_grpc import WeightsServiceStub


async def test_who_asks_is_the_caller_or_the_person_that_it_names(tmp_path: Path) -> None:
    learner = OperatedLearner(tmp_path, History())
    await (await learner.start()).close()
    async with grpc.aio.insecure_channel(learner.address) as channel:
        stub = WeightsServiceStub(channel)
        await stub.Pause(PauseRequest())
        await stub.Pause(PauseRequest(), metadata=((ACTOR_METADATA, "Ölga".encode()),))
        for name in (b"", b" ", b"a\n", b"\xff\x00", b"x" * 201):
            with pytest.raises(grpc.aio.AioRpcError, match="ratchet-actor-bin: must be a name"):
                await stub.Pause(PauseRequest(), metadata=((ACTOR_METADATA, name),))
    await learner.stop()
    alone, named = (command.caller for command in learner.obeyed)
    assert alone.name.startswith("ipv4:127.0.0.1") and not alone.via
    assert (named.name, named.via) == ("Ölga", alone.name)
