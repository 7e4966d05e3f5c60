"""Answers that a critic learns from or is tested on, with a reader's marks and the truth."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.recursion.first_answers import first_answers
from benchmarks.recursion.gold_judge import broken
from benchmarks.recursion.plan import Plan
from benchmarks.recursion.sampler import Sampler
from ratchet.demo.erring_reader import ErringReader
from ratchet.demo.shop_standard import SENTENCES, STANDARD_ID
from ratchet.feedback.pairs import FIRST
from ratchet.v1.preference_pb2 import Comparison, Preference
from ratchet.v1.rollout_pb2 import RolloutGroup


@dataclass(frozen=True)
class Answers:
    """Prompts with two answers each; C criteria in the order of the standard."""

    groups: list[RolloutGroup]
    marked_NC: np.ndarray
    """bool: what one erring reader marked of every answer, prompt by prompt."""
    broken_NC: np.ndarray
    """bool: what is broken in truth."""
    preferences: list[Preference]
    """The reader's marks, a prompt's two answers each, and the vote."""


def answers(model: Path, folder: Path, seed: int, train: int, test: int) -> tuple[Answers, Answers]:
    """The first policy's answers to so many prompts to train, and to others to test.

    They are those that the recursion's runs of this seed begin with, and are kept in the folder.

    Raises:
        ValueError: more prompts are asked for than have answers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plan = Plan()
    judged = first_answers(plan, seed, Sampler(model, plan.max_tokens, plan.temperature), folder)
    groups = [each.group for each in judged]
    if train + test > len(groups):
        raise ValueError(f"train and test: {train + test} prompts, but {len(groups)} have answers")
    reader = ErringReader("labeler-1", seed)
    return read_by(groups[:train], reader), read_by(groups[train : train + test], reader)


def read_by(groups: list[RolloutGroup], reader: ErringReader) -> Answers:
    """What a reader marks of these groups of two answers, and what is true."""
    preferences = [_preference(group, reader) for group in groups]
    marked = [
        [name in marks.broken_criterion_ids for name in SENTENCES]
        for preference in preferences
        for marks in (preference.marks_a, preference.marks_b)
    ]
    return Answers(groups, np.array(marked), broken(groups), preferences)


def _preference(group: RolloutGroup, reader: ErringReader) -> Preference:
    a, b = group.completions
    comparison = Comparison(
        pair_id=group.group_id,
        group_id=group.group_id,
        standard_id=STANDARD_ID,
        standard_version=1,
        picked_because=FIRST,
        prompt=group.prompt,
        prompt_token_ids=group.prompt_token_ids,
        answer_a=a,
        answer_b=b,
    )
    return Preference(
        submission_id=group.group_id,
        labeler=reader.name,
        marks_a=reader.marks(group.prompt, a),
        marks_b=reader.marks(group.prompt, b),
        vote=reader.vote(comparison),
        comparison=comparison,
    )
