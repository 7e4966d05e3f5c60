"""How the policy is trained."""

from pydantic import Field

from ratchet.process.config import Settings


class TrainerSettings(Settings):
    """Settings of the policy's trainer; the defaults are those that the demo was measured with."""

    seed: int = 0
    learning_rate: float = Field(4e-4, gt=0, description="of AdamW, for the adapter")
    betas: tuple[float, float] = (0.9, 0.95)
    lora_rank: int = Field(16, ge=1)
    lora_alpha: float = Field(32.0, gt=0)
    frozen_share: float = Field(
        1 / 3, ge=0, lt=1, description="share of the lowest layers left as is"
    )
    trained_per_group: int = Field(
        4, ge=2, description="completions of a group that are trained on"
    )
    clip_low: float = Field(0.2, gt=0)
    clip_high: float = Field(0.28, gt=0)
    weight_cap: float = Field(2.0, gt=0, description="of the truncated importance weight")
    gradient_clip: float = Field(1.0, gt=0)
    tokens_per_update: float = Field(2048.0, gt=0, description="constant divisor of the loss")
    row_tokens: int = Field(2048, ge=64, description="tokens of one forward and backward pass")
    kl_groups: int = Field(1, ge=1, description="groups of a batch that the KL is measured on")
    corruption: float = Field(0.02, gt=0, description="noise of the drill's spoiled update")
