"""Pairs that wait for a labeler: who gets which, and for how long."""

import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from ratchet.feedback.label_demand import LabelDemand
from ratchet.feedback.pairs import (
    DISAGREEMENT,
    FIRST,
    RANDOM,
    REPEAT,
    TAIL,
    Pair,
    Shares,
    policy_version,
)
from ratchet.v1.preference_pb2 import Comparison, Help
from ratchet.v1.prompt_pb2 import PURPOSE_LABEL, Prompt

PICKED = (DISAGREEMENT, TAIL, RANDOM)
"""Why a pair is offered that a judge has scored."""

SHARES_OVER = 200
"""Newest labels that the shares are kept over: after a time of audits, which are all picked at
random, random pairs would otherwise be owed none for as long again and more."""


@dataclass(frozen=True)
class Offer:
    """A pair that is one labeler's own until `expires_at` (Unix time, seconds)."""

    comparison: Comparison
    labeler: str
    expires_at: float
    # Nobody was ever shown the pair before.
    is_new: bool


class ComparisonPool:
    """Fresh pairs, leases and who has seen what. Pure: it does no input or output.

    Pairs of the newest policy version come first, and not too many of any, so that the labels of
    people with little time are spread over the versions; pairs that no judge has scored, and those
    of prompts that were sent to be labeled, are not counted. Within a version a share is random
    (for figures that active picking would bias), a share compares the answers that the judge scores
    highest, and the rest are the ones that the judge's copies disagree on most; a share of all
    offers repeats a pair that another labeler has labeled, which is how the labelers' rate of
    noticing a broken criterion is measured.

    Where a standard's gate asks for labels of a share of the groups, pairs of the others wait, also
    to be repeated: they are offered if the gate takes the judge's freedom back.

    Not thread-safe.
    """

    def __init__(
        self,
        *,
        lease_seconds: float,
        repeat_share: float,
        shares: Shares,
        pairs_per_version: int,
        pool_size: int,
        demand: Callable[[str], LabelDemand] = lambda _: LabelDemand(),
        help_with: Callable[[Comparison], Help | None] = lambda _: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`demand`: what is asked of people now, by the standard's id.

        `help_with`: what a pair that nobody was shown before is shown with, for ever.
        """
        self._lease_seconds = lease_seconds
        self._repeat_share = repeat_share
        self._shares = {RANDOM: shares.random, TAIL: shares.tail}
        self._pairs_per_version = pairs_per_version
        self._pool_size = pool_size
        self._demand = demand
        self._help_with = help_with
        self._clock = clock
        self._fresh: dict[str, Pair] = {}  # not labeled by anybody
        self._offered: dict[str, Comparison] = {}  # shown to somebody, at any time
        self._leases: dict[str, Offer] = {}
        self._seen_by: dict[str, set[str]] = {}
        self._labeled_by: dict[str, set[str]] = {}
        self._erased: set[str] = set()  # prompt ids
        self._once_labeled: dict[str, Pair] = {}  # newest `pool_size` that could be repeated
        # By standard id: why the newest were picked.
        self._labels: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=SHARES_OVER))
        self._of_version: Counter[tuple[str, int]] = Counter()  # (standard id, policy version)

    def __len__(self) -> int:
        """Pairs that nobody has labeled."""
        return len(self._fresh)

    def waiting(self, standard_id: str) -> int:
        """Pairs of a standard that are asked for and that nobody has labeled."""
        return len(self._asked_for(standard_id))

    def waits_since(self, standard_id: str) -> float | None:
        """When the oldest of these came (Unix time, seconds); None where there is none."""
        return min((pair.at for pair in self._asked_for(standard_id)), default=None)

    def add(self, pairs: Iterable[Pair]) -> None:
        """Takes in new pairs; the ones that came first make way when the pool is full."""
        for pair in pairs:
            pair_id = pair.comparison.pair_id
            known = self._fresh.get(pair_id)
            if known is not None and pair.at < known.at:
                # It was shown before a restart, and that is read before its group.
                self._fresh[pair_id] = replace(known, at=pair.at)
            elif not (
                known or pair_id in self._labeled_by or self.is_erased(pair.comparison.prompt)
            ):
                self._fresh[pair_id] = pair
        _keep_newest(self._fresh, self._pool_size)

    def restore_offered(self, comparison: Comparison, at: float = 0.0) -> None:
        """Takes back a pair that was shown to somebody before a restart, first at `at`."""
        known = comparison.pair_id in self._offered
        if not (known or self.is_erased(comparison.prompt)):
            self._offered[comparison.pair_id] = comparison
            self.add([Pair(comparison, at=at)])

    def offer(self, standard_id: str, labeler: str, standard_version: int) -> Offer | None:
        """Leases a pair that the labeler has never been shown; None while there is none."""
        now = self._clock()
        self._leases = {key: held for key, held in self._leases.items() if held.expires_at > now}
        comparison = self._pick_repeat(standard_id, labeler)
        if comparison is None:
            comparison = self._pick_fresh(standard_id, labeler, standard_version)
        if comparison is None:
            return None
        pair_id = comparison.pair_id
        offer = Offer(comparison, labeler, now + self._lease_seconds, pair_id not in self._offered)
        self._leases[pair_id] = offer
        self._seen_by.setdefault(pair_id, set()).add(labeler)
        self._offered.setdefault(pair_id, comparison)
        return offer

    def withdraw(self, offer: Offer) -> None:
        """Takes an offer back that did not reach its labeler."""
        pair_id = offer.comparison.pair_id
        if self._leases.get(pair_id) is offer:
            del self._leases[pair_id]
        self._seen_by[pair_id].discard(offer.labeler)
        if offer.is_new:
            self._offered.pop(pair_id, None)

    def forget(self, prompt_id: str) -> None:
        """Offers no pair of an erased prompt, now or later, and takes no label of one."""
        self._erased.add(prompt_id)
        for pairs in (self._fresh, self._once_labeled):
            for pair in list(pairs.values()):
                if pair.comparison.prompt.prompt_id == prompt_id:
                    del pairs[pair.comparison.pair_id]
        for comparison in list(self._offered.values()):
            if comparison.prompt.prompt_id == prompt_id:
                del self._offered[comparison.pair_id]
                self._leases.pop(comparison.pair_id, None)

    def is_erased(self, prompt: Prompt) -> bool:
        """Whether `forget` was told of it."""
        return prompt.prompt_id in self._erased

    def offered(self, pair_id: str) -> Comparison | None:
        """The pair as a preference keeps it: a "repeat" once somebody has labeled it."""
        comparison = self._offered.get(pair_id)
        if comparison is not None and pair_id in self._labeled_by:
            return _as_repeat(comparison)
        return comparison

    def has_labeled(self, pair_id: str, labeler: str) -> bool:
        """True once `label` was called with both."""
        return labeler in self._labeled_by.get(pair_id, ())

    def label(self, comparison: Comparison, labeler: str) -> None:
        """Notes that the labeler's preference is safe. Again changes nothing."""
        pair_id = comparison.pair_id
        if self.has_labeled(pair_id, labeler):
            return
        self._offered.setdefault(pair_id, comparison)
        self._seen_by.setdefault(pair_id, set()).add(labeler)
        labelers = self._labeled_by.setdefault(pair_id, set())
        labelers.add(labeler)
        self._labels[comparison.standard_id].append(comparison.picked_because)
        if _is_counted(comparison):
            self._of_version[comparison.standard_id, policy_version(comparison)] += 1
        self._fresh.pop(pair_id, None)
        self._once_labeled.pop(pair_id, None)
        if len(labelers) == 1:
            self._once_labeled[pair_id] = Pair(comparison)
            _keep_newest(self._once_labeled, self._pool_size)
        lease = self._leases.get(pair_id)
        if lease is not None and lease.labeler == labeler:
            del self._leases[pair_id]

    def _pick_repeat(self, standard_id: str, labeler: str) -> Comparison | None:
        everything = (FIRST, *PICKED, REPEAT)
        if not self._is_owed(standard_id, REPEAT, self._repeat_share, everything):
            return None
        wants = self._demand(standard_id).wants
        free = self._free(self._once_labeled, standard_id, labeler)
        pairs = [pair for pair in free if wants(pair)]
        if not pairs:
            return None
        return _as_repeat(max(pairs, key=lambda pair: pair.policy_version).comparison)

    def _pick_fresh(
        self, standard_id: str, labeler: str, standard_version: int
    ) -> Comparison | None:
        pairs = self._wanted(self._free(self._fresh, standard_id, labeler), standard_id)
        newest = max((pair.policy_version for pair in pairs), default=0)
        pairs = [pair for pair in pairs if pair.policy_version == newest]
        reasons: dict[str, list[Pair]] = {}
        for pair in pairs:
            reasons.setdefault(pair.comparison.picked_because, []).append(pair)
        if not reasons:
            return None
        owed = [
            reason
            for reason, share in self._shares.items()
            if reason in reasons and self._is_owed(standard_id, reason, share, PICKED)
        ]
        # What has no share of its own comes before what has had its share.
        order = *owed, DISAGREEMENT, FIRST, *reasons
        reason = next(reason for reason in order if reason in reasons)
        best = min(reasons[reason], key=lambda pair: (pair.rank, -pair.worth))
        offered = self._offered.get(best.comparison.pair_id)
        if offered is not None:
            return offered
        comparison = Comparison()
        comparison.CopyFrom(best.comparison)
        comparison.standard_version = standard_version
        comparison.MergeFrom(Comparison(help=self._help_with(comparison)))
        return comparison

    def _asked_for(self, standard_id: str) -> list[Pair]:
        """Of the pairs that nobody has labeled as many as would be offered, one by one."""
        demand, counts = self._demand(standard_id), self._of_version.copy()
        found: list[Pair] = []
        for pair in self._fresh.values():
            if pair.comparison.standard_id == standard_id and self._is_wanted(pair, demand, counts):
                found.append(pair)
                if _is_counted(pair.comparison):
                    counts[standard_id, pair.policy_version] += 1
        return found

    def _wanted(self, pairs: list[Pair], standard_id: str) -> list[Pair]:
        """Without what the gate does not ask for, and versions of which enough are under way."""
        demand = self._demand(standard_id)
        counts = self._of_version + Counter(
            (held.comparison.standard_id, policy_version(held.comparison))
            for held in self._leases.values()
            if _is_counted(held.comparison)
        )
        return [pair for pair in pairs if self._is_wanted(pair, demand, counts)]

    def _is_wanted(
        self, pair: Pair, demand: LabelDemand, counts: "Counter[tuple[str, int]]"
    ) -> bool:
        """`counts`: pairs of a standard's policy versions that were labeled or are under way."""
        version = pair.comparison.standard_id, pair.policy_version
        has_room = not _is_counted(pair.comparison) or counts[version] < self._pairs_per_version
        return has_room and demand.wants(pair)

    def _free(self, pairs: dict[str, Pair], standard_id: str, labeler: str) -> list[Pair]:
        """Those of a standard that nobody holds and this labeler has not been shown."""
        return [
            pair
            for pair_id, pair in pairs.items()
            if pair.comparison.standard_id == standard_id
            and pair_id not in self._leases
            and labeler not in self._seen_by.get(pair_id, ())
        ]

    def _is_owed(self, standard_id: str, reason: str, share: float, among: tuple[str, ...]) -> bool:
        """Would one more of this reason keep its share of the labels, given and under way?"""
        counts = Counter(
            held.comparison.picked_because
            for held in self._leases.values()
            if held.comparison.standard_id == standard_id
        )
        counts.update(self._labels[standard_id])
        return counts[reason] + 1 <= share * (sum(counts[name] for name in among) + 1)


def _is_counted(comparison: Comparison) -> bool:
    """Whether the pair is one of the `pairs_per_version` of its policy."""
    return comparison.picked_because in PICKED and comparison.prompt.purpose != PURPOSE_LABEL


def _keep_newest(pairs: dict[str, Pair], size: int) -> None:
    while len(pairs) > size:
        del pairs[next(iter(pairs))]


def _as_repeat(comparison: Comparison) -> Comparison:
    repeat = Comparison()
    repeat.CopyFrom(comparison)
    repeat.picked_because = REPEAT
    return repeat
