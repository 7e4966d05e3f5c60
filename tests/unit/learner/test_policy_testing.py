"""Which prompts are asked of which version, also where the file of gate prompts was changed."""

import logging
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from prometheus_client import REGISTRY
from tests.unit.learner.groups import judged

from ratchet.learner.canaries import NO_CANARIES, Canaries
from ratchet.learner.checkpoint import Checkpoint
from ratchet.learner.config import LearnerSettings
from ratchet.learner.gate_prompt import GatePrompt
from ratchet.learner.gate_round import LOST_SECONDS, TRIES
from ratchet.learner.lineage import Lineage
from ratchet.learner.policy_testing import PolicyTesting
from ratchet.learner.progress import Progress
from ratchet.learner.state import LearnerState
from ratchet.process.config import ConfigError
from ratchet.reward.packing import TokenGroup
from ratchet.standard.checks.phrases import MustNotContain
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


def rounds(
    checkpoint: Checkpoint,
    prompts: Sequence[GatePrompt],
    asked: Asked,
    canaries: Canaries = NO_CANARIES,
    features: Any = None,
) -> PolicyTesting:
    settings = LearnerSettings(
        registry=Path(), base_model=Path(), checkpoints=Path(), standard_id="shop", gate_every=1
    )
    producer: Any = asked
    return PolicyTesting(settings, checkpoint, prompts, features, producer, canaries)


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


def test_a_prompt_that_nobody_answers_holds_up_neither_this_round_nor_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, checkpoint = Asked(), served(updates=0)
    policy_testing = rounds(checkpoint, [OLD, NEW], asked)
    for again in range(TRIES + 1):
        monkeypatch.setattr("time.monotonic", lambda now=again * LOST_SECONDS: now)
        assert policy_testing.go_on(last_chance=False)
        policy_testing.take(answer(OLD, 1))
    assert asked_of(asked) == [("old", 1), *[("new", 1)] * TRIES]
    assert policy_testing.round is not None and policy_testing.round.complete
    policy_testing.keep_as_floor()
    assert not policy_testing.go_on(last_chance=False)
    checkpoint.state.policy.put_on_probation(Manifest())
    checkpoint.state.updates = 1
    assert policy_testing.go_on(last_chance=False)
    assert asked_of(asked)[-1] == ("old", 2)


def test_a_candidate_whose_floor_was_never_asked_is_pointed_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = Asked()
    with caplog.at_level(logging.WARNING):
        policy_testing = rounds(served(updates=1), [NEW], asked)
    assert "ratchet weights promote policy 2" in caplog.text
    assert not policy_testing.go_on(last_chance=True)
    assert not asked.prompts


class EqualScores:
    """Stands for features and heads: every answer scores 0.5."""

    sentences = ()
    checks = ()

    def fits(self, group: TokenGroup) -> bool:
        return True

    def features(self, groups: Sequence[TokenGroup], sentences: object) -> list[np.ndarray]:
        return [np.zeros((len(group.completion_ids), 1)) for group in groups]

    def score(self, features_nF: np.ndarray) -> Any:
        return SimpleNamespace(score_n=np.full(len(features_nF), 0.5))


def test_canaries_are_answered_in_the_round_and_reported_without_the_judges_opinion() -> None:
    asked, checkpoint, judge = Asked(), served(updates=1), EqualScores()
    more = [GatePrompt(f"gate-{i}", OLD.messages) for i in range(3)]
    canary = GatePrompt("canary/refund", OLD.messages)
    refunds = MustNotContain(kind="must_not_contain", phrases=("refund",))
    checkpoint.floor_answers = [answer(prompt, 1) for prompt in [*more, canary]]
    policy_testing = rounds(
        checkpoint, more, asked, Canaries([canary], {canary.prompt_id: [refunds]}), judge
    )
    assert policy_testing.go_on(last_chance=False)
    assert [name for name, _ in asked_of(asked)] == ["gate-0", "gate-1", "gate-2", "canary/refund"]
    for prompt in [*more, canary]:
        given = answer(prompt, 2)
        given.group.completions[0].text = f"{prompt.prompt_id}: you get a refund"
        policy_testing.take(given)
    assert policy_testing.round is not None and policy_testing.round.complete
    heads: Any = judge
    report = policy_testing.verdict(heads, kl=0.0)
    figures = {figure.name: figure.value for figure in report.figures}
    assert figures["scored_prompts"] == 3
    assert figures["distinct_answers"] == pytest.approx(4 / 6)
    assert (figures["canaries_met"], figures["canaries_met_by_floor"]) == (0.5, 1.0)
    assert "50% are met, by the floor 100%" in report.reason
    assert reloaded(checkpoint.state).canaries_met == 0.5


def reloaded(state: LearnerState) -> LearnerState:
    return LearnerState.model_validate_json(state.model_dump_json())


@pytest.mark.parametrize("met", [None, 0.5])
def test_what_canaries_meet_is_told_also_after_a_restart(met: float | None) -> None:
    Progress().show(LearnerState(canaries_met=met), 0, 0)
    told = REGISTRY.get_sample_value("ratchet_learner_canaries_met_ratio")
    assert told == pytest.approx(float("nan") if met is None else met, nan_ok=True)


def test_canaries_without_gate_prompts_are_refused() -> None:
    canaries = Canaries([GatePrompt("canary/refund", OLD.messages)], {})
    with pytest.raises(ConfigError, match="canaries: "):
        rounds(served(updates=0), [], Asked(), canaries)
