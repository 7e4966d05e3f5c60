"""A reward model in vLLM: it says what torch says, and its end is the judge's."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.chaos.judge_process import listening
from tests.chaos.rollouts import tiny_trunk
from tests.chaos.service import Service
from tests.unit.reward.tiny import save_tiny_reward_model

from ratchet.client import JudgeClient, Score
from ratchet.process.errors import RestartRequired
from ratchet.process.hardware import fast_bfloat16
from ratchet.reward.classifier import Classifier
from ratchet.reward.packing import TokenGroup

PAD = 0
GROUPS = [
    # The pad token at the end, and alone: another engine might read the token before it.
    TokenGroup((5, 6, 7, 8), ((9, PAD), (9, 10, 11), (PAD, PAD, PAD))),
    # A prompt of more than two of vLLM's blocks, and then again, kept.
    TokenGroup(tuple(range(1, 70)), ((9, PAD), tuple(range(100, 140)))),
    TokenGroup(tuple(range(1, 70)), ((9, 10), (11,))),
]


@pytest.fixture(scope="module")
def reward_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    trunk = tiny_trunk(tmp_path_factory.mktemp("trunk"))
    return save_tiny_reward_model(tmp_path_factory.mktemp("reward"), trunk, head_dim=32)


@pytest.fixture(scope="module")
def service(reward_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    reward = {
        "kind": "model",
        "folder": str(reward_model),
        "engine": "vllm",
        "compiled": False,
        "kv_cache_gib": 0.1,
    }
    settings = {**listening(), "context_tokens": 128, "rollouts": False, "cached_scores": 0}
    service = Service("judge", tmp_path_factory.mktemp("service"), settings)
    service.start(RATCHET_JUDGE__JUDGES=json.dumps({"reward": reward}))
    try:
        service.until_serving().close()
        yield service
    finally:
        service.stop()


def scored(service: Service, group: TokenGroup) -> list[Score]:
    with JudgeClient(service.address, deadline=60) as client:
        return client.score(group.prompt_ids, group.completion_ids, judge="reward")


def test_its_outputs_are_those_of_the_torch_engine(service: Service, reward_model: Path) -> None:
    expected = Classifier.load(reward_model).outputs(GROUPS)
    for group, expected_nL in zip(GROUPS, expected, strict=True):
        found = [score.outputs for score in scored(service, group)]
        rounding = 0.05 if fast_bfloat16() else 1e-3
        np.testing.assert_allclose(found, expected_nL, rtol=rounding, atol=rounding / 10)


def test_its_death_is_an_error_of_the_batch_and_then_the_judge_asks_for_a_restart(
    service: Service,
) -> None:
    [engine] = service.children()
    os.kill(engine, signal.SIGKILL)
    for score in scored(service, GROUPS[0]):
        assert score.error is not None
        assert "the engine's process has ended with -9" in score.error.message
    assert service.exit_code() == RestartRequired.exit_code
