"""Which prompts are asked of which version, also where the file of gate prompts was changed."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.unit.learner.groups import judged

from ratchet.learner.checkpoint import Checkpoint
from ratchet.learner.config import LearnerSettings
from ratchet.learner.gate_round import GatePrompt
from ratchet.learner.lineage import Lineage
from ratchet.learner.policy_testing import PolicyTesting
from ratchet.learner.state import LearnerState
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.prompt_pb2 import PURPOSE_GATE, Prompt
from ratchet.v1.weights_pb2 import GateReport, Manifest

OLD, NEW = (GatePrompt(name, (("user", "question 0"),)) for name in ("old", "new"))


class Asked:
    """Stands for the producer."""

    def __init__(self) -> None:
        self.prompts: list[Prompt] = []

    def send(self, topic: object, key: str, value: Prompt) -> Any:
        self.prompts.append(value)
        return self

    def wait(self) -> None: ...


def answer(prompt: GatePrompt, version: int) -> JudgedGroup:
    return judged(
        purpose=PURPOSE_GATE,
        prompt_id=prompt.prompt_id,
        policy_version=version,
        prompt_version=version,
    )


def served(updates: int) -> Checkpoint:
    """Version 1 is the floor; so many updates came after it."""
    policy, judge = Lineage(role="ROLE_POLICY"), Lineage(role="ROLE_JUDGE")
    policy.serve_proven(Manifest())
    judge.serve_proven(Manifest())
    for _ in range(updates):
        policy.put_on_probation(Manifest())
    return Checkpoint(state=LearnerState(policy=policy, judge=judge, updates=updates))


def rounds(checkpoint: Checkpoint, prompts: Sequence[GatePrompt], asked: Asked) -> PolicyTesting:
    settings = LearnerSettings(
        registry=Path(), base_model=Path(), checkpoints=Path(), standard_id="shop", gate_every=1
    )
    features: Any = None
    producer: Any = asked
    return PolicyTesting(settings, checkpoint, prompts, features, producer)


def asked_of(asked: Asked) -> list[tuple[str, int]]:
    return [(prompt.prompt_id, prompt.policy_version) for prompt in asked.prompts]


def test_the_floor_is_asked_once() -> None:
    asked, checkpoint = Asked(), served(updates=0)
    policy_testing = rounds(checkpoint, [OLD], asked)
    assert policy_testing.go_on(last_chance=False)
    assert asked_of(asked) == [("old", 1)]
    policy_testing.take(answer(OLD, 1))
    policy_testing.keep_as_floor()
    assert not policy_testing.go_on(last_chance=False)


def test_a_floor_that_answered_other_prompts_is_asked_again() -> None:
    asked, checkpoint = Asked(), served(updates=0)
    checkpoint.floor_answers = [answer(OLD, 1)]
    assert rounds(checkpoint, [NEW], asked).go_on(last_chance=False)
    assert asked_of(asked) == [("new", 1)]


def test_a_candidate_is_asked_what_its_floor_answered_and_the_next_floor_the_new_prompts() -> None:
    asked, checkpoint = Asked(), served(updates=1)
    checkpoint.floor_answers = [answer(OLD, 1)]
    policy_testing = rounds(checkpoint, [NEW], asked)
    assert policy_testing.go_on(last_chance=False)
    policy_testing.take(answer(OLD, 2))
    assert policy_testing.round is not None and policy_testing.round.complete
    checkpoint.state.policy.prove(GateReport(passed=True))
    policy_testing.keep_as_floor()
    assert policy_testing.go_on(last_chance=False)
    assert asked_of(asked) == [("old", 2), ("new", 2)]


def test_a_candidate_whose_floor_was_never_asked_is_pointed_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = Asked()
    with caplog.at_level(logging.WARNING):
        policy_testing = rounds(served(updates=1), [NEW], asked)
    assert "ratchet weights promote policy 2" in caplog.text
    assert not policy_testing.go_on(last_chance=True)
    assert not asked.prompts
