"""A judge of models alone: no loop, no Kafka, no vLLM."""

import json
from pathlib import Path

from tests.chaos.judge_process import listening
from tests.chaos.rollouts import tiny_trunk
from tests.chaos.service import Service
from tests.unit.reward.tiny import save_tiny_reward_model

from ratchet.client import JudgeClient
from ratchet.local.ports import HOST


def test_it_scores_where_kafka_and_vllm_cannot_be_imported(tmp_path: Path) -> None:
    save_tiny_reward_model(tmp_path / "reward", tiny_trunk(tmp_path / "trunk"))
    for missing in ("kafka", "vllm"):
        (tmp_path / "blocked" / missing).mkdir(parents=True)
        (tmp_path / "blocked" / missing / "__init__.py").write_text("raise ImportError('blocked')")

    reward = {"kind": "model", "folder": str(tmp_path / "reward"), "compiled": False}
    settings = {**listening(), "context_tokens": 128, "rollouts": False}
    service = Service("judge", tmp_path / "service", settings)
    service.start(
        RATCHET_JUDGE__JUDGES=json.dumps({"reward": reward}),
        PYTHONPATH=str(tmp_path / "blocked"),
    )
    try:
        with (
            service.until_serving(),
            JudgeClient(f"{HOST}:{settings['port']}", deadline=30) as client,
        ):
            found = client.score("My kettle leaks.", "Sorry.", judge="reward")
            assert found.error is None
            assert len(found.outputs) == 2
            assert [judge.name for judge in client.judges()] == ["reward"]
    finally:
        service.stop()
