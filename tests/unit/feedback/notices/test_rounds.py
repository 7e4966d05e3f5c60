"""From what happens to what arrives."""

import asyncio
import json
from pathlib import Path

from tests.unit.feedback.happenings import STANDARD
from tests.unit.feedback.notices.post_office import Hook
from tests.unit.feedback.page.operated import OperatedLearner
from tests.unit.feedback.test_grpc_servicer import House

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.history import History
from ratchet.feedback.learner_client import LearnerClient
from ratchet.feedback.notices.config import NoticeSettings, WebhookSettings
from ratchet.feedback.notices.notifier import Notifier
from ratchet.feedback.notices.rounds import Rounds, channels_of
from ratchet.feedback.notices.watch import Watch
from ratchet.learner.state import HALT_AFTER
from ratchet.v1.audit_pb2 import AuditRecord


def rounds_of(house: House, history: History, learner: LearnerClient, url: str) -> Rounds:
    watch = Watch(history, house.pool, house.activity, quiet_seconds=60)
    channels = channels_of(NoticeSettings(webhook=WebhookSettings(url=url)))
    notifier = Notifier(channels, house.audit)
    return Rounds(watch, notifier, learner, lambda: [shop_standard()], look_seconds=0.01)


async def kinds(hook: Hook, count: int) -> list[str]:
    async with asyncio.timeout(30):
        while len(hook.posts) < count:
            await hook.arrived.wait()
            hook.arrived.clear()
    return [json.loads(body)["kind"] for _, body in hook.posts]


async def test_a_halt_of_the_learner_and_a_fall_of_the_gate_arrive(tmp_path: Path) -> None:
    house, history, hook = House(), History(), Hook()
    halted = OperatedLearner(tmp_path, history)
    halted.state.skipped_in_a_row = HALT_AFTER
    halted.pause()  # shows its state
    learner = await halted.start()
    rounds = rounds_of(house, history, learner, await hook.open())
    rounds.start()
    assert await kinds(hook, 1) == ["learner-halted"]
    fell = AuditRecord(actor="gate", at=2**31, action="gate.fell", detail=f"{STANDARD}: Why.")
    house.activity.add(fell)
    assert await kinds(hook, 2) == ["learner-halted", "gate-fell"]
    await rounds.stop()
    await learner.close()
    await halted.stop()
    await hook.close()


async def test_a_learner_that_is_gone_holds_no_notice_up(tmp_path: Path) -> None:
    house, history, hook = House(), History(), Hook()
    gone = OperatedLearner(tmp_path, history)
    learner = await gone.start()
    await gone.stop()
    house.activity.add(
        AuditRecord(actor="gate", at=2**31, action="gate.rose", detail=f"{STANDARD}: Why.")
    )
    rounds = rounds_of(house, history, learner, await hook.open())
    rounds.start()
    assert await kinds(hook, 1) == ["gate-rose"]
    await rounds.stop()
    await learner.close()
    await hook.close()
