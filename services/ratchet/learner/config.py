"""Settings of the learner."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from ratchet.autonomy.settings import GateSettings
from ratchet.learner.critic_settings import CriticSettings
from ratchet.learner.trainer_settings import TrainerSettings
from ratchet.process.config import ServiceSettings, Settings
from ratchet.process.conversation import MAX_SAMPLES

Share = Annotated[float, Field(ge=0, le=1)]
AtLeastTwo = Annotated[int, Field(ge=2)]


class JudgeSettings(Settings):
    """When a judge is trained, and what proves it."""

    first_marks: PositiveInt = 160
    """marked answers before the first judge is trained"""
    refit_marks: PositiveInt = 40
    """newly marked answers before each further one"""
    auc_threshold: Annotated[float, Field(ge=0.5, lt=1)] = 0.52
    """the lower bound of the mean AUC on held-out marks must be above"""
    half_life: NonNegativeFloat = 0
    """versions of the policy after which a mark counts half in a fit; 0: all marks count alike"""
    length_control: bool = False
    """whether a score is freed of what it gains by the length of an answer, on the answers that
    the judge has learned from"""
    fewest_held_out: AtLeastTwo = 16
    """held-out marked answers without which no judge can be proven"""


class LearnerSettings(ServiceSettings):
    """Settings of the learner, the only writer of weights."""

    port: int = 50053
    """gRPC port of WeightsService; 0 picks a free one"""
    metrics_port: int = 9103
    """port of the Prometheus exporter; 0 picks a free one"""
    base_model: Path
    """folder in Hugging Face layout: the first policy, and the judge's trunk"""
    checkpoints: Path
    """folder of the learner's checkpoints and kept features"""
    standard_id: Annotated[str, Field(min_length=1)]
    """the standard that judges are trained on"""
    groups_per_update: PositiveInt = 8
    """groups of one policy update"""
    max_staleness: NonNegativeInt = 0
    """versions that a group's oldest token may lie behind; 0: on-policy"""
    updates_wanted: NonNegativeInt = 0
    """policy updates, then stop; 0: for ever"""
    spread_penalty: NonNegativeFloat = 0.5
    """reward = score - this * spread"""
    keep_policies: AtLeastTwo = 5
    """newest policy versions that are kept beside the first and the floor"""
    keep_judges: AtLeastTwo = 100
    """newest judge versions that are kept; one has a megabyte or two"""
    gate_prompts: Path | None = None
    """JSONL of {"prompt_id", "messages": [[role, content], ...]} that every tested version answers;
    without it no policy version is ever proven. Where the file is changed, the floor answers it
    before the next update; a candidate on probation first what its floor was asked"""
    canaries: Path | None = None
    """JSONL of gate prompts with {"checks": [{"kind": ...}]} beside: what a right answer meets for
    sure. They are answered with the gate prompts, and no judge is asked what it thinks of them; new
    ones are answered by the floor before the next update"""
    gate_samples: Annotated[int, Field(ge=1, le=MAX_SAMPLES)] = 1
    """answers to each gate prompt"""
    gate_answer_tokens: PositiveInt = 64
    """tokens that gate prompts and canaries leave for an answer: the policy's max_tokens"""
    gate_every: PositiveInt = 5
    """updates between tests of the policy"""
    harm_margin: PositiveFloat = 0.1
    """loss of mean score against the floor that a version must rule out"""
    kl_budget: PositiveFloat = 1.5
    """KL to the first policy on gate prompts, nats per token, at most"""
    min_distinct_answers: Share = 0.8
    """share of distinct answers among the gate answers, at least"""
    length_drift: PositiveFloat = 3.0
    """answers may grow or shrink by the factor 1 + this against the floor's"""
    judge: JudgeSettings = JudgeSettings()
    critic: CriticSettings = CriticSettings()
    gate: GateSettings = GateSettings()
    trainer: TrainerSettings = TrainerSettings()
