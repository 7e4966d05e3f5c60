"""When something needs the owner."""

import pytest
from tests.unit.feedback.happenings import NOW, STANDARD, label, manifest
from tests.unit.feedback.judged import group
from tests.unit.feedback.page.visitor import add_pairs
from tests.unit.feedback.test_grpc_servicer import House

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.history import History
from ratchet.feedback.notices.notice import (
    GATE_FELL,
    GATE_ROSE,
    JUDGE_REFUSED,
    LABELS_WANTED,
    LEARNER_HALTED,
)
from ratchet.feedback.notices.watch import Watch
from ratchet.feedback.pairs import IMPORT, Shares, pairs_of
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
    """A house that is watched."""

    def __init__(self) -> None:
        self.house, self.history = House(), History()
        self.restart()

    def restart(self) -> None:
        self.watch = Watch(self.history, self.house.pool, self.house.activity, quiet_seconds=DAY)

    def kinds(self, now: float = NOW) -> list[str]:
        return [notice.kind for notice in self.watch.needed(STANDARDS, now)]


@pytest.fixture
async def watched() -> Watched:
    return Watched()


async def test_pairs_that_nobody_labels_are_told_of_once_until_somebody_does(
    watched: Watched,
) -> None:
    assert watched.kinds() == [], "nothing waits"
    add_pairs(watched.house, ("Sorry.", "Hello!"), at=NOW - DAY - HOUR)
    assert watched.kinds(NOW - HOUR - 1) == []
    [notice] = watched.watch.needed(STANDARDS, NOW)
    assert (notice.kind, notice.standard_id) == (LABELS_WANTED, STANDARD)
    assert "1 pairs wait" in notice.text
    assert notice.at == NOW - HOUR
    assert [notice] == watched.watch.needed(STANDARDS, NOW + 5 * HOUR), "it is the same"
    watched.restart()
    assert [notice] == watched.watch.needed(STANDARDS, NOW + 5 * HOUR), "for records tell of it"
    watched.history.add_label(label("i", reason=IMPORT), NOW)
    assert watched.kinds() == [LABELS_WANTED], "an import is not somebody who labels"
    watched.history.add_label(label("g"), NOW)
    assert watched.kinds(NOW + DAY - 1) == []
    assert watched.kinds(NOW + DAY) == [LABELS_WANTED]


async def test_a_pair_is_not_waited_for_before_it_came(watched: Watched) -> None:
    watched.history.add_label(label("g"), NOW - 30 * DAY)
    add_pairs(watched.house, ("Sorry.", "Hello!"), at=NOW - HOUR)
    assert watched.kinds() == []
    assert watched.kinds(NOW + DAY - HOUR) == [LABELS_WANTED]


async def test_that_the_pool_lets_old_pairs_go_is_no_news(watched: Watched) -> None:
    add_pairs(watched.house, ("Sorry.", "Hello!"), at=NOW - DAY)
    told = watched.watch.needed(STANDARDS, NOW)
    crowd = [group(f"new-{number}", ["a", "b"], standard_id=STANDARD) for number in range(20)]
    for judged in crowd:
        watched.house.pool.add(pairs_of(judged, {}, Shares(0, 0), NOW - HOUR))
    [notice] = watched.watch.needed(STANDARDS, NOW)
    assert [notice.at] == [told[0].at]


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
    watched.restart()
    watched.watch.restore(
        AuditRecord(
            actor="notices", at=NOW + 60, event_at=NOW, action="notice.learner-halted", via="mail"
        )
    )
    assert watched.kinds() == [], "the learner has not been asked yet"
    watched.watch.see_halted(True, NOW + DAY)
    assert [notice] == watched.watch.needed(STANDARDS, NOW + DAY), "nor does a restart tell again"
    watched.watch.see_halted(False, NOW + DAY)
    assert watched.kinds() == []
    watched.watch.see_halted(True, NOW + 2 * DAY)
    [notice] = watched.watch.needed(STANDARDS, NOW + 2 * DAY)
    assert notice.at == NOW + 2 * DAY


async def test_a_halt_after_learning_went_on_is_another_one(watched: Watched) -> None:
    told = AuditRecord(actor="notices", at=NOW, event_at=NOW, action="notice.learner-halted")
    for record in (told, AuditRecord(actor="Olga", at=NOW + HOUR, action="learner.resume")):
        watched.watch.restore(record)
    watched.watch.see_halted(True, NOW + DAY)
    [notice] = watched.watch.needed(STANDARDS, NOW + DAY)
    assert notice.at == NOW + DAY
