"""When the owner is told what, by which channel."""

import asyncio

from tests.unit.feedback.happenings import NOW, STANDARD
from tests.unit.feedback.test_grpc_servicer import House

from ratchet.feedback.notices.channel import Refused, Undelivered
from ratchet.feedback.notices.courier import TRIES
from ratchet.feedback.notices.notice import GATE_FELL, GATE_ROSE, Notice
from ratchet.feedback.notices.notifier import Notifier
from ratchet.v1.audit_pb2 import AuditRecord

HOUR = 3600.0


class Box:
    """A channel that fails as often as it is told to."""

    def __init__(self, name: str, failures: int = 0, fault: type[Undelivered] = Undelivered):
        self.name = self.way = name
        self.failures, self.fault = failures, fault
        self.notices: list[Notice] = []

    async def deliver(self, notice: Notice) -> None:
        if self.failures:
            self.failures -= 1
            raise self.fault("not now")
        self.notices.append(notice)

    async def close(self) -> None:
        pass


class Told:
    def __init__(self, *boxes: Box) -> None:
        self.house, self.waits = House(), list[float]()
        self.notifier = Notifier(boxes, self.house.audit, self._sleep)

    async def tell(self, notices: list[Notice], now: float) -> list[AuditRecord]:
        """What the audit holds then, the newest first."""
        self.notifier.tell(notices, now)
        await self.notifier.settled()
        await self.house.audit.drain()
        return list(self.house.activity.newest())

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def fell(at: float, standard_id: str = STANDARD) -> Notice:
    return Notice(GATE_FELL, standard_id, at, f"at {at}")


async def test_of_the_same_at_most_one_an_hour_and_then_the_newest() -> None:
    box = Box("box")
    told = Told(box)
    await told.tell([fell(NOW)], NOW)
    await told.tell([fell(NOW)], NOW + 2 * HOUR)
    assert len(box.notices) == 1, "it is told once"
    events = [fell(NOW + HOUR), fell(NOW + 1.5 * HOUR)]
    await told.tell(events, NOW + 2 * HOUR)
    await told.tell([*events, fell(NOW + 2.1 * HOUR)], NOW + 2.9 * HOUR)
    assert [notice.at for notice in box.notices] == [NOW, NOW + 1.5 * HOUR]
    await told.tell([*events, fell(NOW + 2.1 * HOUR)], NOW + 3 * HOUR)
    assert box.notices[-1].at == NOW + 2.1 * HOUR
    await told.tell([fell(NOW, "other"), Notice(GATE_ROSE, STANDARD, NOW, "")], NOW + 3 * HOUR)
    assert len(box.notices) == 5, "what is about something else waits for nothing"


async def test_it_is_tried_again_with_longer_and_longer_waits() -> None:
    slow, good, dead = Box("slow", failures=3), Box("good"), Box("dead", failures=TRIES)
    told = Told(slow, good, dead)
    await told.tell([fell(NOW)], NOW)
    assert slow.notices == good.notices == [fell(NOW)]
    assert sorted(told.waits) == sorted([1.0, 2.0, 4.0, *(2.0**n for n in range(TRIES - 1))])
    assert dead.notices == []


async def test_what_did_not_arrive_is_told_an_hour_later_there_alone() -> None:
    good, dead = Box("good"), Box("dead", failures=TRIES)
    told = Told(good, dead)
    await told.tell([fell(NOW)], NOW)
    [record] = await told.tell([fell(NOW)], NOW + HOUR - 1)
    assert (dead.notices, record.via) == ([], "good")
    records = await told.tell([fell(NOW)], NOW + HOUR)
    assert good.notices == dead.notices == [fell(NOW)]
    assert {record.via for record in records} == {"good", "dead"}


async def test_what_is_refused_for_good_is_tried_once_and_the_next_event_again() -> None:
    box = Box("box", failures=1, fault=Refused)
    told = Told(box)
    assert await told.tell([fell(NOW)], NOW) == []
    await told.tell([fell(NOW)], NOW + HOUR)
    assert (box.notices, told.waits) == ([], [])
    await told.tell([fell(NOW + 1)], NOW + HOUR)
    assert box.notices == [fell(NOW + 1)]


async def test_a_channel_that_does_not_answer_holds_no_other_up() -> None:
    answered = asyncio.Event()

    class Silent(Box):
        async def deliver(self, notice: Notice) -> None:
            await answered.wait()
            await super().deliver(notice)

    silent, good, house = Silent("silent"), Box("good"), House()
    notifier = Notifier((silent, good), house.audit)
    for event in (fell(NOW), fell(NOW, "other")):
        notifier.tell([event], NOW)
        async with asyncio.timeout(30):
            while event not in good.notices:
                await asyncio.sleep(0)
    assert silent.notices == []
    answered.set()
    await notifier.settled()
    notifier.tell([fell(NOW), fell(NOW, "other")], NOW)
    await notifier.settled()
    assert silent.notices == good.notices == [fell(NOW), fell(NOW, "other")]


async def test_a_restart_tells_nothing_twice_and_misses_no_later_event() -> None:
    event, meanwhile = fell(NOW - 1), fell(NOW)
    told = Told(Box("box"))
    [record] = await told.tell([event], NOW)
    assert (record.actor, record.action, record.detail, record.via, record.event_at) == (
        "notices",
        f"notice.gate-fell/{STANDARD}",
        event.text,
        "box",
        event.at,
    )
    box, new = Box("box"), Box("new")
    again = Told(box, new)
    again.notifier.restore(record)
    later = record.at + 2 * HOUR
    await again.tell([event], later)
    assert (box.notices, new.notices) == ([], [event]), "by another channel it was not told"
    await again.tell([event, meanwhile], later)
    assert box.notices == [meanwhile], "which was before the first one had arrived"


async def test_what_an_older_release_has_told_is_told_by_no_channel() -> None:
    box = Box("box")
    told = Told(box)
    told.notifier.restore(
        AuditRecord(actor="notices", at=NOW, action=f"notice.gate-fell/{STANDARD}")
    )
    await told.tell([fell(NOW - 1)], NOW + HOUR)
    assert box.notices == []
