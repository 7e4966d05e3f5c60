"""Twenty labelers' marks of the same answers, some of which are wrong on purpose."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from benchmarks.critic.answers import Answers
from ratchet.demo.erring_reader import ErringReader
from ratchet.demo.shop_standard import SENTENCES
from ratchet.reward.marks import MarkedAnswer

LABELERS = 20
"""Each reads as many answers: one of them a twentieth."""
CARELESS = "labeler-0"

Broken = frozenset[str]
Reading = Callable[[str, Broken, random.Random], Broken]
"""What becomes of a labeler's marks."""


def _honest(labeler: str, broken: Broken, draw: random.Random) -> Broken:
    return broken


def _flipped(labeler: str, broken: Broken, draw: random.Random) -> Broken:
    return broken ^ {name for name in SENTENCES if draw.random() < 1 / LABELERS}


def _contrary(labeler: str, broken: Broken, draw: random.Random) -> Broken:
    return SENTENCES.keys() - broken if labeler == CARELESS else broken


def _at_random(labeler: str, broken: Broken, draw: random.Random) -> Broken:
    chosen = frozenset(name for name in SENTENCES if draw.random() < 0.5)
    return chosen if labeler == CARELESS else broken


def _none(labeler: str, broken: Broken, draw: random.Random) -> Broken:
    return frozenset() if labeler == CARELESS else broken


HONEST = "all err alike"
READINGS: Mapping[str, Reading] = {
    HONEST: _honest,
    "5% of all marks flipped": _flipped,
    "one of twenty marks the contrary": _contrary,
    "one of twenty marks at random": _at_random,
    "one of twenty marks nothing": _none,
}


def readings(
    train: Answers, marked: Sequence[MarkedAnswer], seed: int, reading: Reading
) -> list[MarkedAnswer]:
    """The same answers, prompt by prompt given to the labelers in turn, and what they mark.

    All labelers miss 40% of what is broken and mark 3% of what is not, before `reading`.
    """
    draw = random.Random(seed)
    found: list[MarkedAnswer] = []
    for i, mark in enumerate(marked):
        group = train.groups[i // 2]
        reader = ErringReader(f"labeler-{i // 2 % LABELERS}", seed)
        marks = reader.marks(group.prompt, group.completions[i % 2])
        broken = reading(reader.name, frozenset(marks.broken_criterion_ids), draw)
        found.append(replace(mark, labeler=reader.name, broken=frozenset(broken)))
    return found
