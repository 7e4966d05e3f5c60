"""The first policy's answers, which all arms of a seed begin with: sampled once, kept in a file."""

import fcntl
from collections.abc import Sequence
from pathlib import Path

from benchmarks.recursion.draw import seed_of
from benchmarks.recursion.plan import Plan
from benchmarks.recursion.sampler import Sampler
from benchmarks.recursion.unjudged import unjudged
from ratchet.demo.prompt_feed import training_order
from ratchet.demo.prompts import CustomerPrompt
from ratchet.learner.message_file import read_messages, write_messages
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.rollout_pb2 import RolloutGroup

SPARE = 1.1
"""Times the pairs that are read: two answers may be equal, and then they are no pair."""


def first_prompts(plan: Plan, seed: int) -> Sequence[CustomerPrompt]:
    """The training prompts that answers are read of before the policy is taught."""
    return training_order(seed)[: round(SPARE * plan.pairs)]


def first_answers(plan: Plan, seed: int, sampler: Sampler, folder: Path) -> list[JudgedGroup]:
    """Two answers of the first policy to each of these, not judged by anybody.

    The sampler must hold the first policy.
    """
    path = folder / f"first-answers-{seed}.binpb"
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another arm may be sampling the same
        if not path.exists():
            prompts = first_prompts(plan, seed)
            groups = sampler.answer(prompts, 2, version=1, seed=seed_of("first", seed))
            aside = path.with_suffix(".aside")
            write_messages(aside, groups)
            aside.rename(path)
    return [unjudged(group) for group in read_messages(path, RolloutGroup)]
