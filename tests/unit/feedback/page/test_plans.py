"""What operators are told of the gate before they put another judge in use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.unit.feedback.happenings import STANDARD, gate
from tests.unit.feedback.page.operated import OperatedLearner

from ratchet.feedback.history import History
from ratchet.feedback.page.plans import Plans
from ratchet.v1.gate_pb2 import AUTONOMY_AUTONOMOUS, AUTONOMY_UNSPECIFIED
from ratchet.v1.weights_pb2 import ROLE_JUDGE, Pointer, WeightsRecord

ANEW = "How far it may act alone starts anew"


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
async def plans(history: History, tmp_path: Path) -> AsyncIterator[Plans]:
    learner = OperatedLearner(tmp_path, history)
    client = await learner.start()
    # Judge 2 was served without a proof of its own.
    pointer = Pointer(role=ROLE_JUDGE, version=2, epoch=99, floor_version=1)
    history.apply_weights(WeightsRecord(pointer=pointer))
    yield Plans(history, client)
    await client.close()
    await learner.stop()


async def told(plans: Plans) -> dict[str, str]:
    all_of_them = {
        "use": await plans.promote(STANDARD, "judge", "3"),
        "back": await plans.roll_back(STANDARD, "judge"),
        "policy": await plans.promote(STANDARD, "policy", "1"),
    }
    return {name: " ".join(plan.text) for name, plan in all_of_them.items()}


async def test_where_the_gate_is_on_another_judge_starts_anew(
    plans: Plans, history: History
) -> None:
    history.take_gate(gate(AUTONOMY_AUTONOMOUS, 0.05))
    texts = await told(plans)
    for name in ("use", "back"):
        assert ANEW in texts[name]
        assert "nothing of what judge 2 has earned" in texts[name]
    assert ANEW not in texts["policy"]


async def test_where_it_is_off_there_is_nothing_to_start(plans: Plans, history: History) -> None:
    history.take_gate(gate(AUTONOMY_AUTONOMOUS, 0.05))
    history.take_gate(gate(AUTONOMY_UNSPECIFIED, 0))
    assert ANEW not in " ".join((await told(plans)).values())
