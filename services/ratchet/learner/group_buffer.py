"""Judged groups that wait for the next update."""

import math
from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ratchet.v1.judgement_pb2 import JudgedGroup, Judgement
from ratchet.v1.rollout_pb2 import RolloutGroup


@dataclass(frozen=True)
class Freshness:
    """Which groups may be trained on now.

    `version` is the policy version in force, `max_staleness` how many versions older the oldest
    token of a group may be, `rejected` the versions of either role that a gate turned down, and
    `proven_judge` the one version whose scores may train: None is any, 0 none.
    """

    version: int
    max_staleness: int
    rejected: Collection[int] = ()
    rejected_judges: Collection[int] = ()
    proven_judge: int | None = None

    def fault_of(self, judged: JudgedGroup) -> str | None:
        """Why a group must be discarded, as a metric's label; None where it is fit to train on."""
        if judged.judge_version == 0:
            return "no_judge"
        if self.proven_judge not in (None, judged.judge_version):
            return "learning"
        if judged.judge_version in self.rejected_judges:
            return "rejected_judge"
        versions = policy_versions(judged.group)
        if any(version in self.rejected for version in versions):
            return "rejected_policy"
        if not versions or self.version - min(versions) > self.max_staleness:
            return "stale"
        if max(versions) > self.version:
            return "stale"  # an operator has promoted an earlier version since
        if sum(is_scored(judgement) for judgement in judged.judgements) < 2:
            return "unscored"
        return None


def policy_versions(group: RolloutGroup) -> set[int]:
    """The versions that sampled any token of the group."""
    return {
        span.policy_version for completion in group.completions for span in completion.weight_spans
    }


def is_scored(judgement: Judgement) -> bool:
    """Whether there is a finite score: neither an error nor NaN is ever a reward."""
    return (
        not judgement.HasField("error")
        and math.isfinite(judgement.score)
        and math.isfinite(judgement.spread)
    )


class GroupBuffer:
    """First in, first out, at most `bound` groups.

    Every method that may drop groups returns the reasons, one per group, to be counted.
    """

    def __init__(self, bound: int, groups: Iterable[JudgedGroup] = ()) -> None:
        self._bound = bound
        self._groups = deque(groups)

    def __len__(self) -> int:
        return len(self._groups)

    @property
    def groups(self) -> list[JudgedGroup]:
        """All that wait, oldest first."""
        return list(self._groups)

    def add(self, judged: JudgedGroup, freshness: Freshness) -> list[str]:
        """Let a group in if it is fit; the oldest makes room when the buffer is full."""
        fault = freshness.fault_of(judged)
        if fault is not None:
            return [fault]
        self._groups.append(judged)
        if len(self._groups) > self._bound:
            self._groups.popleft()
            return ["overflow"]
        return []

    def discard_unfit(self, freshness: Freshness) -> list[str]:
        """Drop what has gone stale, or whose version was rejected, since it came."""
        faults = [freshness.fault_of(judged) for judged in self._groups]
        self._groups = deque(
            judged for judged, fault in zip(self._groups, faults, strict=True) if fault is None
        )
        return [fault for fault in faults if fault is not None]

    def take(self, count: int) -> list[JudgedGroup]:
        """The `count` oldest groups, or none while there are fewer."""
        if len(self._groups) < count:
            return []
        return [self._groups.popleft() for _ in range(count)]
