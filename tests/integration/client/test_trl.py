"""A judge as the reward of the real TRL."""

import asyncio
from pathlib import Path

from datasets import Dataset
from tests.chaos.rollouts import tiny_trunk
from tests.unit.client.word_count import WordCount, serving
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import GRPOConfig, GRPOTrainer

from ratchet.client import trl_reward


async def test_two_steps_of_grpo_train_on_the_judges_scores(tmp_path: Path) -> None:
    folder = tiny_trunk(tmp_path / "model")
    judge = WordCount()
    async with serving(judge) as target:

        def train() -> list[dict[str, float]]:
            trainer = GRPOTrainer(
                model=AutoModelForCausalLM.from_pretrained(folder),
                processing_class=AutoTokenizer.from_pretrained(folder),
                reward_funcs=trl_reward(target),
                train_dataset=Dataset.from_dict({"prompt": ["a", "b", "c", "d"]}),
                args=GRPOConfig(
                    output_dir=str(tmp_path / "out"),
                    max_steps=2,
                    per_device_train_batch_size=2,
                    num_generations=2,
                    max_completion_length=6,
                    logging_steps=1,
                    use_cpu=True,
                    bf16=False,
                    report_to=[],
                ),
            )
            trainer.train()
            return trainer.state.log_history

        history = await asyncio.to_thread(train)
    rewards = [row["reward"] for row in history if "reward" in row]
    scored = [len(item.completion.split()) for call in judge.calls for item in call]
    assert len(rewards) == 2
    assert len(scored) == 4
    assert sum(rewards) / 2 == sum(scored) / 4
