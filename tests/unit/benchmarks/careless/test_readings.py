"""Marks that are wrong on purpose."""

import random

import numpy as np
from benchmarks.careless.readings import CARELESS, LABELERS, READINGS, readings
from benchmarks.critic.answers import Answers

from ratchet.demo.prompts import TRAIN
from ratchet.demo.shop_standard import SENTENCES
from ratchet.reward.marks import MarkedAnswer
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup

ANSWER = MarkedAnswer("an-answer", "a-prompt", "", np.zeros(1), frozenset(), 1)


def marked(name: str) -> list[MarkedAnswer]:
    groups = [
        RolloutGroup(
            prompt=Prompt(messages=[Message(role="user", content=prompt.text)]),
            completions=[Completion(text="We are sorry."), Completion(text="Thank you!")],
        )
        for prompt in TRAIN[: 2 * LABELERS]
    ]
    train = Answers(groups, np.zeros(0), np.zeros(0), [])
    return readings(train, [ANSWER] * (2 * len(groups)), 0, READINGS[name])


def test_only_the_careless_labelers_marks_differ() -> None:
    honest = marked("all err alike")
    for name in ("one of twenty marks the contrary", "one of twenty marks nothing"):
        differing = [a for a, b in zip(marked(name), honest, strict=True) if a.broken != b.broken]
        assert {mark.labeler for mark in differing} == {CARELESS}
    contrary = marked("one of twenty marks the contrary")
    for mark, other in zip(contrary, honest, strict=True):
        if mark.labeler == CARELESS:
            assert mark.broken == SENTENCES.keys() - other.broken


def test_a_twentieth_of_all_marks_is_flipped() -> None:
    draw = random.Random(0)
    flipped = [
        len(READINGS["5% of all marks flipped"]("anybody", frozenset({"short"}), draw) ^ {"short"})
        for _ in range(2000)
    ]
    assert 0.04 < np.mean(flipped) / len(SENTENCES) < 0.06
