"""How the policy is trained."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from ratchet.process.config import Settings


class TrainerSettings(Settings):
    """Settings of the policy's trainer; the defaults are those that the demo was measured with."""

    seed: int = 0
    """of the adapter's first weights"""
    learning_rate: PositiveFloat = 1.2e-3
    """of AdamW, for the adapter"""
    betas: tuple[float, float] = (0.9, 0.95)
    """of AdamW"""
    lora_rank: PositiveInt = 16
    """rank of the adapter's matrices"""
    lora_alpha: PositiveInt = 32
    """scale of the adapter: its product counts alpha / rank times"""
    frozen_share: Annotated[float, Field(ge=0, lt=1)] = 1 / 3
    """share of the lowest layers left as is"""
    trained_per_group: Annotated[int, Field(ge=2)] = 4
    """completions of a group that are trained on"""
    clip_low: PositiveFloat = 0.2
    """the ratio of new to old probability counts from 1 - this"""
    clip_high: PositiveFloat = 0.28
    """the ratio of new to old probability counts up to 1 + this"""
    weight_cap: PositiveFloat = 2.0
    """of the truncated importance weight"""
    gradient_clip: PositiveFloat = 1.0
    """norm of the gradient, at most"""
    tokens_per_update: PositiveFloat = 2048.0
    """constant divisor of the loss"""
    row_tokens: Annotated[int, Field(ge=64)] = 2048
    """tokens of one forward and backward pass"""
    kl_penalty: NonNegativeFloat = 0.1
    """reward lost per nat per token that an answer is likelier than under the first policy"""
    kl_limit: PositiveFloat = 1.0
    """KL to the first policy, nats per token, at which steps have shrunk to nothing"""
    corruption: PositiveFloat = 0.1
    """noise of the drill's spoiled update"""
