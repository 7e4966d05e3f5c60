"""One way to pick, with one seed: labels come in rounds, and a judge is fitted after each."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.picking.answers import Answers
from benchmarks.picking.people import People
from benchmarks.recursion.draw import seed_of
from benchmarks.recursion.judge import first_standard
from benchmarks.recursion.spending import WEIGHTS
from benchmarks.recursion.unjudged import unjudged
from ratchet.demo.erring_reader import customer_prompt, true_vote
from ratchet.feedback.comparison_pool import ComparisonPool
from ratchet.feedback.config import FeedbackSettings
from ratchet.feedback.pairs import Shares, pairs_of
from ratchet.judge.judgement import judgement
from ratchet.judge.versions import JudgeVersion
from ratchet.learner.judge_training import OUTCOMES
from ratchet.reward.agreement import called_right
from ratchet.reward.fit import fit_heads
from ratchet.reward.heads import Heads
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.rollout_pb2 import RolloutGroup

SETTINGS = FeedbackSettings(registry=Path())
SHIPPED = "as shipped"
WAYS = {
    "random": Shares(random=1, tail=0),
    "disagreement": Shares(random=0, tail=0),
    "tail": Shares(random=0, tail=1),
    "mix": Shares(random=0.25, tail=0.25),
    SHIPPED: Shares(SETTINGS.random_share, SETTINGS.tail_share),
}
"""Shares of the groups whose pairs are picked at random and in the tail; else by disagreement."""

FIRST_GROUPS, FIRST_LABELS = 60, 60
"""Before there is a judge all pairs are alike: a learner's first judge has 60 pairs that train."""
ROUNDS, ROUND_GROUPS, ROUND_LABELS = 6, 40, SETTINGS.pairs_per_version
POOL_GROUPS = FIRST_GROUPS + ROUNDS * ROUND_GROUPS
"""The others, whose prompts nobody labels, are what agreement is measured on."""


@dataclass(frozen=True)
class Course:
    """How often the judge called the better answer of a pair that nobody had labeled."""

    way: str
    seed: int
    labels: list[int]
    agreement: list[float]
    """With gold, after so many labels."""


def course(answers: Answers, way: str, seed: int, wide: bool) -> Course:
    """All ways of a seed begin with the same labels, and are tested on the same pairs.

    A round brings answers of which half are labeled, as those of a policy's version are; where
    `wide`, all that is left waits together and is judged anew in every round.
    """
    by_id = {group.group_id: f for group, f in zip(answers.groups, answers.features, strict=True)}
    groups = list(answers.groups)
    random.Random(seed_of("picking", seed)).shuffle(groups)
    people, shares = People(seed, by_id), WAYS[way]
    pool = _pool(shares, people, wide)
    for group in groups[:FIRST_GROUPS]:
        pool.add(pairs_of(unjudged(group), WEIGHTS, shares))
    found = Course(way, seed, [], [])
    for round_ in range(ROUNDS + 1):
        people.label(pool, FIRST_LABELS + round_ * ROUND_LABELS)
        fit_seed = seed_of("picking fit", seed, round_) % 2**32
        heads = fit_heads(people.marks, people.votes, first_standard(), answers.sentences, fit_seed)
        found.labels.append(people.labels)
        found.agreement.append(_agreement(heads, groups[POOL_GROUPS:], by_id))
        if wide:
            pool, new = _pool(shares, people, wide), groups[FIRST_GROUPS:POOL_GROUPS]
        else:
            first = FIRST_GROUPS + round_ * ROUND_GROUPS
            new = groups[first : first + ROUND_GROUPS]
        for group in new:
            version = 2 if wide else round_ + 2
            judged = _judged(heads, _of_version(group, version), by_id[group.group_id])
            pool.add(pairs_of(judged, WEIGHTS, shares))
    return found


def _pool(shares: Shares, people: People, wide: bool) -> ComparisonPool:
    """With all that has been labeled so far."""
    pool = ComparisonPool(
        lease_seconds=SETTINGS.lease_seconds,
        repeat_share=SETTINGS.repeat_share,
        shares=shares,
        pairs_per_version=POOL_GROUPS if wide else ROUND_LABELS,
        pool_size=SETTINGS.pool_size,
    )
    for comparison, labeler in people.read:
        pool.label(comparison, labeler)
    return pool


def _of_version(group: RolloutGroup, version: int) -> RolloutGroup:
    """As if a later policy had answered: the pool offers the newest policy's answers first."""
    later = RolloutGroup()
    later.CopyFrom(group)
    for completion in later.completions:
        for span in completion.weight_spans:
            span.policy_version = version
    return later


def _judged(heads: Heads, group: RolloutGroup, features_nF: np.ndarray) -> JudgedGroup:
    """As the judge service judges it."""
    version, scores = JudgeVersion(1, heads), heads.score(features_nF)
    return JudgedGroup(
        group=group,
        judgements=[
            judgement(version, scores, i, f"completions[{i}]")
            for i in range(len(group.completions))
        ],
        judge_version=version.number,
        standard_version=version.standard_version,
    )


def _agreement(
    heads: Heads, groups: Sequence[RolloutGroup], by_id: Mapping[str, np.ndarray]
) -> float:
    """Of the pairs that gold decides, the share that the judge decides alike."""
    votes = [true_vote(customer_prompt(g.prompt), *g.completions) for g in groups]
    outcomes_n = np.array([OUTCOMES.get(vote, 0.5) for vote in votes])
    scores_nA = np.stack([heads.score(by_id[group.group_id]).score_n for group in groups])
    decided_n = outcomes_n != 0.5
    differences_n = scores_nA[:, 0] - scores_nA[:, 1]
    return float(called_right(differences_n[decided_n], outcomes_n[decided_n]).mean())
