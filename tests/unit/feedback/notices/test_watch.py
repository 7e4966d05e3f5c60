"""When something needs the owner, and when it is told."""

import pytest
from tests.unit.feedback.happenings import NOW, STANDARD, label, manifest
from tests.unit.feedback.page.visitor import add_pairs
from tests.unit.feedback.test_grpc_servicer import House

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.history import History
from ratchet.feedback.notices.channel import Undelivered
from ratchet.feedback.notices.notice import (
    GATE_FELL,
    GATE_ROSE,
    JUDGE_REFUSED,
    LABELS_WANTED,
    LEARNER_HALTED,
    Notice,
)
from ratchet.feedback.notices.notifier import TRIES, Notifier
from ratchet.feedback.notices.watch import Watch
from ratchet.feedback.pairs import IMPORT
from ratchet.v1.audit_pb2 import AuditRecord
from ratchet.v1.weights_pb2 import (
    ROLE_JUDGE,
    VERSION_STATUS_CANDIDATE,
    VERSION_STATUS_ROLLED_BACK,
    WeightsRecord,
)

HOUR, DAY = 3600.0, 24 * 3600.0
STANDARDS = [shop_standard()]


class Watched:
    """A house that is watched since a day and an hour ago."""

    def __init__(self) -> None:
        self.house, self.history = House(), History()
        self.watch = Watch(
            self.history,
            self.house.pool,
            self.house.activity,
            quiet_seconds=DAY,
            since=NOW - DAY - HOUR,
        )

    def kinds(self, now: float = NOW) -> list[str]:
        return [notice.kind for notice in self.watch.needed(STANDARDS, now)]


@pytest.fixture
async def watched() -> Watched:
    return Watched()


async def test_pairs_that_nobody_labels_are_told_of_once_until_somebody_does(
    watched: Watched,
) -> None:
    assert watched.kinds() == [], "nothing waits"
    add_pairs(watched.house, ("Sorry.", "Hello!"))
    [notice] = watched.watch.needed(STANDARDS, NOW)
    assert (notice.kind, notice.standard_id) == (LABELS_WANTED, STANDARD)
    assert "1 pairs wait" in notice.text
    assert [notice] == watched.watch.needed(STANDARDS, NOW + 5 * HOUR), "it is the same"
    watched.history.add_label(label("i", reason=IMPORT), NOW)
    assert watched.kinds() == [LABELS_WANTED], "an import is not somebody who labels"
    watched.history.add_label(label("g"), NOW)
    assert watched.kinds(NOW + DAY - 1) == []
    assert watched.kinds(NOW + DAY) == [LABELS_WANTED]


async def test_moves_of_the_gate_are_told_with_its_reason_while_they_are_news(
    watched: Watched,
) -> None:
    for hours, action in ((30, "gate.fell"), (2, "gate.rose"), (1, "gate.fell")):
        watched.house.activity.add(
            AuditRecord(
                actor="gate", at=NOW - hours * HOUR, action=action, detail=f"{STANDARD}: Why: this."
            )
        )
    rose, fell = watched.watch.needed(STANDARDS, NOW)
    assert (rose.kind, fell.kind) == (GATE_ROSE, GATE_FELL)
    assert (fell.standard_id, fell.text, fell.at) == (STANDARD, "Why: this.", NOW - HOUR)


async def test_a_judge_that_was_not_proven_is_told_with_its_reason(watched: Watched) -> None:
    for version, status, passed in (
        (1, VERSION_STATUS_CANDIDATE, False),
        (2, VERSION_STATUS_CANDIDATE, True),
        (3, VERSION_STATUS_ROLLED_BACK, False),
    ):
        judge = manifest(ROLE_JUDGE, version, status, passed)
        watched.history.apply_weights(WeightsRecord(manifest=judge))
    [notice] = watched.watch.needed(STANDARDS, NOW + 4 * HOUR)
    assert notice.kind == JUDGE_REFUSED
    assert "Judge 1 was tried. The bound, 0.61" in notice.text
    assert watched.kinds(NOW + 2 * DAY) == []


async def test_a_halt_is_one_event_however_often_it_is_seen(watched: Watched) -> None:
    watched.watch.see_halted(True, NOW)
    watched.watch.see_halted(True, NOW + HOUR)
    [notice] = watched.watch.needed(STANDARDS, NOW + HOUR)
    assert (notice.kind, notice.at) == (LEARNER_HALTED, NOW)
    watched.watch.see_halted(False, NOW + HOUR)
    assert watched.kinds() == []


class Box:
    """A channel that fails as often as it is told to."""

    def __init__(self, name: str, failures: int = 0) -> None:
        self.name = name
        self.failures = failures
        self.notices: list[Notice] = []

    async def deliver(self, notice: Notice) -> None:
        if self.failures:
            self.failures -= 1
            raise Undelivered("not now")
        self.notices.append(notice)

    async def close(self) -> None:
        pass


class Told:
    def __init__(self, *boxes: Box) -> None:
        self.house, self.waits = House(), list[float]()
        self.notifier = Notifier(boxes, self.house.audit, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def fell(at: float, standard_id: str = STANDARD) -> Notice:
    return Notice(GATE_FELL, standard_id, at, f"at {at}")


async def test_of_the_same_at_most_one_an_hour_and_then_the_newest() -> None:
    box = Box("box")
    notifier = Told(box).notifier
    await notifier.tell([fell(NOW)], NOW)
    await notifier.tell([fell(NOW)], NOW + 2 * HOUR)
    assert len(box.notices) == 1, "it is told once"
    events = [fell(NOW + HOUR), fell(NOW + 1.5 * HOUR)]
    await notifier.tell(events, NOW + 2 * HOUR)
    await notifier.tell([*events, fell(NOW + 2.1 * HOUR)], NOW + 2.9 * HOUR)
    assert [notice.at for notice in box.notices] == [NOW, NOW + 1.5 * HOUR]
    await notifier.tell([*events, fell(NOW + 2.1 * HOUR)], NOW + 3 * HOUR)
    assert box.notices[-1].at == NOW + 2.1 * HOUR
    await notifier.tell([fell(NOW, "other"), Notice(GATE_ROSE, STANDARD, NOW, "")], NOW + 3 * HOUR)
    assert len(box.notices) == 5, "what is about something else waits for nothing"


async def test_it_is_tried_again_with_longer_and_longer_waits() -> None:
    slow, good, dead = Box("slow", failures=3), Box("good"), Box("dead", failures=TRIES)
    told = Told(slow, good, dead)
    await told.notifier.tell([fell(NOW)], NOW)
    assert slow.notices == good.notices == [fell(NOW)]
    assert sorted(told.waits) == sorted([1.0, 2.0, 4.0, *(2.0**n for n in range(TRIES - 1))])
    assert dead.notices == []


async def test_what_arrived_nowhere_is_told_an_hour_later() -> None:
    box = Box("box", failures=TRIES)
    told = Told(box)
    await told.notifier.tell([fell(NOW)], NOW)
    await told.notifier.tell([fell(NOW)], NOW + HOUR - 1)
    assert box.notices == [] and not told.house.activity.newest()
    await told.notifier.tell([fell(NOW)], NOW + HOUR)
    assert box.notices == [fell(NOW)]


async def test_a_restart_tells_nothing_twice() -> None:
    box = Box("box")
    told = Told(box)
    event = fell(NOW - 1)
    await told.notifier.tell([event], NOW)
    await told.house.audit.drain()
    [record] = told.house.activity.newest()
    assert (record.actor, record.action, record.detail) == (
        "notices",
        f"notice.gate-fell/{STANDARD}",
        event.text,
    )
    again = Told(Box("box"))
    again.notifier.restore(record)
    await again.notifier.tell([event], record.at + 2 * HOUR)
    assert again.notifier._channels[0].notices == []
