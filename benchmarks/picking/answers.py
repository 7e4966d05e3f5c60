"""The first policy's answers with their features: made once, kept in a folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.recursion.first_answers import first_answers
from benchmarks.recursion.judge import first_standard
from benchmarks.recursion.plan import Plan
from benchmarks.recursion.sampler import Sampler
from ratchet.learner.feature_store import FeatureStore
from ratchet.learner.training_groups import token_group
from ratchet.process.lease import ComputeLease
from ratchet.reward.sentences import Sentences, sentences_of
from ratchet.reward.trunk import Trunk
from ratchet.v1.rollout_pb2 import RolloutGroup

PLAN = Plan(steps=40)
"""How many prompts are answered: 418, by two answers each."""

AT_ONCE = 32
"""Groups whose features are on disk together: a kill costs no more."""


@dataclass(frozen=True)
class Answers:
    """Groups of two answers, and what the trunk makes of them."""

    groups: Sequence[RolloutGroup]
    features: Sequence[np.ndarray]
    """Of each group, float32 [2, F]."""
    sentences: Sentences


def read_answers(model: Path, cache: Path, seed: int) -> Answers:
    """What the folder holds, and what it lacks is made: minutes."""
    cache.mkdir(parents=True, exist_ok=True)
    sampler = Sampler(model, PLAN.max_tokens, PLAN.temperature)
    groups = [judged.group for judged in first_answers(PLAN, seed, sampler, cache)]
    tokenizer = sampler.tokenizer
    sentences = sentences_of(
        first_standard(), lambda text: tokenizer.completion_ids(text, finished=False)
    )
    store = FeatureStore(cache / "features", Trunk(model), ComputeLease(None))
    features: list[np.ndarray] = []
    for first in range(0, len(groups), AT_ONCE):
        some = [token_group(group) for group in groups[first : first + AT_ONCE]]
        features += store.features(some, sentences)
    return Answers(groups, features, sentences)
