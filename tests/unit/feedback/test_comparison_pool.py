from collections import Counter, defaultdict
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.unit.feedback.judged import group

from ratchet.feedback.comparison_pool import ComparisonPool, Offer
from ratchet.feedback.label_demand import LabelDemand
from ratchet.feedback.pairs import Shares, pairs_of
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.prompt_pb2 import PURPOSE_TRAIN


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def pool_of(*groups: JudgedGroup, clock: Clock | None = None, **changed: Any) -> ComparisonPool:
    options: dict[str, Any] = {
        "lease_seconds": 60,
        "repeat_share": 0.1,
        "shares": Shares(0, 0),
        "pairs_per_version": 1000,
        "pool_size": 100,
    }
    pool = ComparisonPool(**(options | changed), clock=clock or Clock())
    for judged in groups:
        pool.add(pairs_of(judged, {"short": 1.0}, options["shares"]))
    return pool


def label_next(pool: ComparisonPool, labeler: str) -> str | None:
    offer = pool.offer("shop", labeler, 1)
    if offer is None:
        return None
    pool.label(offer.comparison, labeler)
    return offer.comparison.picked_because


def test_answers_of_the_newest_policy_come_first() -> None:
    pool = pool_of(
        group("old", ["a", "b"], policy_version=1),
        group("new", ["c", "d"], policy_version=7),
        group("mid", ["e", "f"], policy_version=3),
    )
    offers = [pool.offer("shop", "ann", 1) for _ in range(4)]
    assert [offer and offer.comparison.group_id for offer in offers] == ["new", "mid", "old", None]


def test_a_pair_of_an_erased_prompt_is_never_offered_again_and_takes_no_label() -> None:
    erased = [group(f"e{number}", ["a", "b"], policy_version=9) for number in range(3)]
    for judged in erased:
        judged.group.prompt.prompt_id = "order-1"
    pool = pool_of(*erased[:2], group("kept", ["c", "d"]), repeat_share=1.0)
    label_next(pool, "ann")
    held = pool.offer("shop", "ann", 1)
    assert held is not None and held.comparison.group_id.startswith("e")
    pool.forget("order-1")
    assert pool.offered(held.comparison.pair_id) is None, "also where somebody reads it"
    pool.withdraw(held)
    pool.add(pairs_of(erased[2], {}, Shares(0, 0)))
    pool.restore_offered(held.comparison)
    offers = [pool.offer("shop", labeler, 1) for labeler in ("ann", "ann", "bob", "bob")]
    assert [offer and offer.comparison.group_id for offer in offers] == ["kept", None, None, None]
    assert len(pool) == 1


def test_labels_are_spread_over_the_versions() -> None:
    clock = Clock()
    judged = [
        group(
            f"v{version}-{i}",
            ["a", "b"],
            policy_version=version,
            judge_version=1,
            purpose=PURPOSE_TRAIN,
        )
        for version in (1, 2)
        for i in range(5)
    ]
    asked_for = [group(f"asked-{i}", ["a", "b"], judge_version=1) for i in range(3)]
    unjudged = [group(f"first-{i}", ["a", "b"], policy_version=1) for i in range(4)]
    pool = pool_of(
        *judged, *asked_for, *unjudged, clock=clock, pairs_per_version=2, repeat_share=0.0
    )
    ids: list[str] = []
    while (offer := pool.offer("shop", "ann", 1)) is not None:
        ids.append(offer.comparison.group_id.split("-")[0])
        if len(ids) != 1:
            pool.label(offer.comparison, "ann")
    assert sorted(ids) == ["asked"] * 3 + ["first"] * 4 + ["v1"] * 2 + ["v2"] * 2
    clock.now += 61  # the lease that led to no label runs out: one more is wanted of its version
    again = pool.offer("shop", "bob", 1)
    assert again is not None
    assert again.comparison.group_id.startswith("v2")


def test_within_a_version_every_group_is_read_before_one_is_read_twice() -> None:
    copies = [[0.1, 0.9], [0.9, 0.1], [0.2, 0.8], [0.8, 0.2]]
    pool = pool_of(
        group("sure", ["a", "b"], judge_version=1),
        group("unsure", ["c", "d", "e", "f"], judge_version=1, copies=copies),
    )
    offers = [pool.offer("shop", "ann", 1) for _ in range(3)]
    assert [offer and offer.comparison.group_id for offer in offers] == ["unsure", "sure", "unsure"]


def test_a_leased_pair_is_nobody_elses_until_the_lease_expires() -> None:
    clock = Clock()
    pool = pool_of(group("g", ["a", "b"]), clock=clock)
    offer = pool.offer("shop", "ann", 1)
    assert offer is not None
    assert offer.expires_at == clock.now + 60
    clock.now += 59.9
    assert pool.offer("shop", "bob", 1) is None
    clock.now += 0.1
    again = pool.offer("shop", "bob", 1)
    assert again is not None
    assert again.comparison == offer.comparison
    clock.now += 1000
    assert pool.offer("shop", "ann", 1) is None  # she has seen it


def test_repeats_are_a_tenth_of_the_labels_and_go_to_another_labeler() -> None:
    pool = pool_of(*(group(f"g{i}", ["a", "b"]) for i in range(100)))
    reasons = Counter(label_next(pool, labeler) for labeler in ["ann", "bob"] * 50)
    assert reasons == {"first": 90, "repeat": 10}


def test_two_readings_of_a_pair_are_enough() -> None:
    pool = pool_of(group("g", ["a", "b"]), group("h", ["c", "d"]), repeat_share=1)
    assert [label_next(pool, name) for name in ("ann", "bob", "cid")] == [
        "first",
        "repeat",
        "first",
    ]
    assert pool.has_labeled("g/0-1", "bob")
    assert not pool.has_labeled("g/0-1", "cid")


def test_a_labeler_alone_repeats_nothing() -> None:
    pool = pool_of(*(group(f"g{i}", ["a", "b"]) for i in range(30)), repeat_share=1)
    assert {label_next(pool, "ann") for _ in range(30)} == {"first"}
    assert pool.offer("shop", "ann", 1) is None


def test_each_reason_keeps_its_share_of_the_picks() -> None:
    shares = Shares(random=0.25, tail=0.25)
    pool = pool_of(shares=shares, repeat_share=0, pool_size=1000)
    for i in range(400):
        pool.add(pairs_of(group(f"p0-{i}", ["a", "b"], judge_version=1), {}, shares))
    reasons = Counter(label_next(pool, "ann") for _ in range(100))
    wanted = {"disagreement": 50, "tail": 25, "random": 25}
    assert all(abs(reasons[reason] - count) <= 1 for reason, count in wanted.items())


def test_after_a_time_of_audits_random_pairs_soon_have_their_share_again() -> None:
    shares = Shares(random=0.25, tail=0)
    pool = pool_of(shares=shares, repeat_share=0, pool_size=2000)
    for i in range(300):
        audited = group(f"audit-{i}", ["a", "b"], judge_version=1)
        pool.add(pairs_of(audited, {}, Shares(random=1, tail=0)))
        label_next(pool, "ann")
    for i in range(1000):
        pool.add(pairs_of(group(f"p0-{i}", ["a", "b"], judge_version=1), {}, shares))
    reasons = [label_next(pool, "ann") for _ in range(300)]
    assert 40 <= reasons[-200:].count("random") <= 60


def test_what_the_gate_does_not_ask_for_waits_until_it_does() -> None:
    asked = LabelDemand(share=0.25)
    pool = pool_of(demand=lambda standard_id: asked if standard_id == "shop" else LabelDemand())
    for i in range(40):
        judged = group(f"p0-{i}", ["a", "b"], judge_version=1, purpose=PURPOSE_TRAIN)
        pool.add(pairs_of(judged, {}, Shares(0, 0)))
    waiting = pool.waiting("shop")
    assert 0 < waiting < 25
    offered = [pool.offer("shop", "ann", 1) for _ in range(waiting + 1)]
    assert offered[-1] is None and all(offered[:-1])
    asked = LabelDemand()
    assert pool.waiting("shop") == 40
    assert pool.offer("shop", "ann", 1) is not None


def test_what_the_gate_does_not_ask_for_is_not_repeated_either() -> None:
    asked = LabelDemand()
    pool = pool_of(demand=lambda _: asked, repeat_share=1)
    taught, drawn = (
        group(name, ["a", "b"], judge_version=1, purpose=PURPOSE_TRAIN)
        for name in ("taught", "drawn")
    )
    pool.add(pairs_of(taught, {}, Shares(random=0, tail=0)))
    pool.add(pairs_of(drawn, {}, Shares(random=1, tail=0)))
    assert {label_next(pool, "ann") for _ in range(2)} == {"disagreement", "random"}
    asked = LabelDemand(share=1, by_lot=True)
    offered = [pool.offer("shop", "bob", 1) for _ in range(2)]
    assert [offer and offer.comparison.group_id for offer in offered] == ["drawn", None]
    asked = LabelDemand(share=0)
    assert pool.offer("shop", "cid", 1) is None
    asked = LabelDemand()
    again = pool.offer("shop", "bob", 1)
    assert again is not None
    assert (again.comparison.group_id, again.comparison.picked_because) == ("taught", "repeat")


def test_what_waits_is_what_people_would_be_offered() -> None:
    pool = pool_of(pairs_per_version=2, repeat_share=0.0)
    for i in range(5):
        judged = group(
            f"v1-{i}", ["a", "b"], policy_version=1, judge_version=1, purpose=PURPOSE_TRAIN
        )
        pool.add(pairs_of(judged, {}, Shares(0, 0), at=100 + i))
    pool.add(pairs_of(group("first", ["a", "b"], policy_version=1), {}, Shares(0, 0), at=90))
    assert (pool.waiting("shop"), pool.waits_since("shop")) == (3, 90)
    labeled = 0
    while label_next(pool, "ann"):
        labeled += 1
        assert pool.waiting("shop") == 3 - labeled
    assert labeled == 3
    assert pool.waits_since("shop") is None


def test_a_pair_waits_since_its_group_came_also_after_a_restart() -> None:
    judged = group("g", ["a", "b"])
    before = pool_of(judged)
    offer = before.offer("shop", "ann", 1)
    assert offer is not None
    after = pool_of()
    after.restore_offered(offer.comparison, at=200)
    assert after.waits_since("shop") == 200
    after.add(pairs_of(judged, {}, Shares(0, 0), at=100))
    assert after.waits_since("shop") == 100


def test_a_reason_that_has_had_its_share_is_better_than_nothing() -> None:
    pool = pool_of()
    pool.add(pairs_of(group("g", ["a", "b"], judge_version=1), {}, Shares(random=0, tail=1)))
    assert label_next(pool, "ann") == "tail"


def test_another_standards_pairs_are_not_offered() -> None:
    pool = pool_of(group("g", ["a", "b"], standard_id="bank"))
    assert pool.offer("shop", "ann", 1) is None
    assert pool.offer("bank", "ann", 1) is not None


def test_a_pair_keeps_the_standards_version_that_it_was_first_offered_under() -> None:
    clock = Clock()
    pool = pool_of(group("g", ["a", "b"]), clock=clock)
    first = pool.offer("shop", "ann", 1)
    clock.now += 61
    second = pool.offer("shop", "bob", 2)
    assert first is not None and second is not None
    assert second.comparison.standard_version == first.comparison.standard_version == 1
    assert (first.is_new, second.is_new) == (True, False)


def test_a_withdrawn_offer_was_never_made() -> None:
    pool = pool_of(group("g", ["a", "b"]))
    offer = pool.offer("shop", "ann", 1)
    assert offer is not None
    pool.withdraw(offer)
    assert pool.offered("g/0-1") is None
    again = pool.offer("shop", "ann", 2)
    assert again is not None
    assert again.is_new
    assert again.comparison.standard_version == 2


def test_a_full_pool_lets_the_oldest_pairs_go() -> None:
    pool = pool_of(*(group(f"g{i}", ["a", "b"], policy_version=i) for i in range(9)), pool_size=2)
    offers = [pool.offer("shop", "ann", 1) for _ in range(3)]
    assert [offer and offer.comparison.group_id for offer in offers] == ["g8", "g7", None]


def test_a_restart_remembers_what_was_offered_and_labeled() -> None:
    groups = [group(f"g{i}", ["a", "b"]) for i in range(3)]
    before = pool_of(*groups)
    offers = [before.offer("shop", "ann", 1) for _ in range(2)]
    comparisons = [offer.comparison for offer in offers if offer]
    after = pool_of()
    for comparison in comparisons:
        after.restore_offered(comparison)
    after.label(comparisons[0], "ann")
    for judged in groups:
        after.add(pairs_of(judged, {}, Shares(0, 0)))
    assert after.offered("g0/0-1") is not None
    assert after.has_labeled("g0/0-1", "ann")
    assert len(after) == 2
    left = [after.offer("shop", "bob", 1) for _ in range(3)]
    assert {offer.comparison.group_id for offer in left if offer} == {"g1", "g2"}


LABELERS = st.sampled_from(["ann", "bob", "cid"])
SHARES = Shares(random=0.3, tail=0.3)


class PoolMachine(RuleBasedStateMachine):
    """Labelers at work in any order: nobody meets a pair twice, no pair is in two hands."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.pool = pool_of(clock=self.clock, repeat_share=0.5, shares=SHARES)
        self.groups = 0
        self.held: list[Offer] = []
        self.shown: defaultdict[str, set[str]] = defaultdict(set)
        self.labeled: defaultdict[str, set[str]] = defaultdict(set)
        self.labels: Counter[str] = Counter()

    @rule(
        texts=st.lists(st.sampled_from("abcd"), max_size=6),
        version=st.integers(1, 3),
        judge=st.integers(0, 1),
    )
    def judge_group(self, texts: list[str], version: int, judge: int) -> None:
        self.groups += 1
        name = f"p0-{self.groups}"
        judged = group(name, texts, policy_version=version, judge_version=judge)
        self.pool.add(pairs_of(judged, {"short": 1.0}, SHARES))

    @rule(labeler=LABELERS)
    def ask(self, labeler: str) -> None:
        offer = self.pool.offer("shop", labeler, 1)
        if offer is None:
            return
        pair_id = offer.comparison.pair_id
        assert labeler not in self.shown[pair_id] | self.labeled[pair_id]
        holders = [held for held in self.held if held.comparison.pair_id == pair_id]
        assert all(held.expires_at <= self.clock.now for held in holders)
        repeat = offer.comparison.picked_because == "repeat"
        assert repeat == bool(self.labeled[pair_id])
        self.shown[pair_id].add(labeler)
        self.held.append(offer)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def label(self, data: st.DataObject) -> None:
        offer = data.draw(st.sampled_from(self.held))
        self.held.remove(offer)
        comparison = self.pool.offered(offer.comparison.pair_id)
        assert comparison is not None
        self.pool.label(comparison, offer.labeler)
        self.labeled[comparison.pair_id].add(offer.labeler)
        assert self.pool.has_labeled(comparison.pair_id, offer.labeler)

    @rule(seconds=st.sampled_from([1.0, 59.0, 60.0]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def a_labeled_pair_waits_for_nobody(self) -> None:
        assert len(self.pool) <= 3 * self.groups - sum(bool(who) for who in self.labeled.values())


TestPoolMachine = PoolMachine.TestCase
TestPoolMachine.settings = settings(max_examples=60, stateful_step_count=40)
