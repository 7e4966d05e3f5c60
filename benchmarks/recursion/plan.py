"""What all runs of one experiment have in common."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from ratchet.learner.config import JudgeSettings
from ratchet.learner.trainer_settings import TrainerSettings
from ratchet.process.config import Settings

Share = Annotated[float, Field(ge=0, le=1)]
Spending = Literal["random", "disagreement", "tail", "rare", "mixed"]


class Plan(Settings):
    """The figures of an experiment, fixed before its runs."""

    steps: PositiveInt = 60
    """updates of the policy"""
    every: PositiveInt = 5
    """steps of a round, after which the policy is measured and its answers are read"""
    first_pairs: PositiveInt = 240
    """pairs of the first policy's answers that are read before it is taught"""
    pairs_per_round: PositiveInt = 20
    """pairs of the newest answers that are read after each round but the last"""
    repeat_share: Share = 0.1
    """share of the pairs that another reader has read before, as the feedback service has it"""
    spending: Spending = "random"
    """which of a round's pairs are read, but for those that prove judges; "mixed": half by
    disagreement, a quarter of the answers that score highest, a quarter at random"""
    half_life: NonNegativeFloat = 0
    """updates after which a mark counts half; 0: all marks count alike"""

    groups: PositiveInt = 8
    """prompts of an update"""
    completions: Annotated[int, Field(ge=2)] = 8
    """answers to each"""
    held_out_prompts: PositiveInt = 64
    """never-trained prompts that the policy is measured on, with two answers each"""
    kl_prompts: PositiveInt = 24
    """of these, by whose answers the KL to the first policy is measured"""
    max_tokens: PositiveInt = 64
    """tokens of an answer"""
    temperature: PositiveFloat = 1.0
    """of sampling"""

    learning_rate: PositiveFloat = 1.2e-3
    """of the policy's AdamW"""
    kl_penalty: NonNegativeFloat = 0.0
    """reward lost per nat; 0, so that whatever a judge credits wrongly can be exploited"""
    kl_limit: PositiveFloat = 5.0
    """nats per token at which steps have shrunk to nothing; far above the services' 1.0"""
    spread_penalty: NonNegativeFloat = 0.5
    """reward = score - this * spread"""

    caught: Share = 0.9
    """chance that a reader marks a broken criterion that the critic points at"""
    misled: Share = 0.15
    """chance that a reader marks a sound criterion that the critic points at"""
    critic_answers: PositiveInt = 480
    """newest marked answers that a critic is fitted on: the newest policy must read each again"""

    @model_validator(mode="after")
    def _whole_rounds(self) -> "Plan":
        if self.steps % self.every:
            raise ValueError(f"steps: {self.steps} is no multiple of every: {self.every}")
        return self

    @property
    def readings(self) -> int:
        """Rounds after which answers are read."""
        return self.steps // self.every - 1

    @property
    def pairs(self) -> int:
        """Pairs that are read in a run, in any arm."""
        return self.first_pairs + self.readings * self.pairs_per_round

    def trainer(self, seed: int) -> TrainerSettings:
        """As the learner takes them."""
        return TrainerSettings(
            seed=seed,
            learning_rate=self.learning_rate,
            kl_penalty=self.kl_penalty,
            kl_limit=self.kl_limit,
        )

    def judge(self) -> JudgeSettings:
        """As the learner takes them."""
        return JudgeSettings(half_life=self.half_life)
