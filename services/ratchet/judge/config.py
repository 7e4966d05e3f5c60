"""Settings of the judge."""

from pathlib import Path
from typing import Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from ratchet.judge.judges.settings import SERVING, JudgeTable, members
from ratchet.process.config import ServiceSettings


class JudgeSettings(ServiceSettings):
    """Settings of the judge."""

    port: int = 50051
    """gRPC port of JudgeService; 0 picks a free one"""
    metrics_port: int = 9101
    """port of the Prometheus exporter; 0 picks a free one"""
    registry: Path = Path("registry")
    """root folder of the weights registry; a judge without Kafka does without it"""
    trunk: Path | None = None
    """folder of the frozen language model that the loop's own judge reads answers with, in Hugging
    Face layout; unset: only the judges of [judges.NAME] are served, which needs rollouts = false"""
    rollouts: bool = True
    """score the topic rollouts too, not gRPC calls alone"""
    version_folder: Path | None = None
    """serve this one version and do without Kafka; needs rollouts = false"""
    instance: str = "judge-0"
    """transactional id: another for each judge, the same after a restart"""
    context_tokens: PositiveInt = 512
    """longest prompt with its completion; never above the trunk's own context"""
    max_batch_tokens: PositiveInt = 1024
    """tokens of one batch for the model; more of them make interactive calls wait longer"""
    max_queue_tokens: PositiveInt = 16384
    """tokens that may wait; calls above are refused"""
    max_groups_per_poll: PositiveInt = 16
    """rollout groups of one transaction"""
    max_items: PositiveInt = 256
    """items of one Score request"""
    max_text_bytes: PositiveInt = 65536
    """UTF-8 bytes of a completion, and of the messages before it"""
    cached_scores: NonNegativeInt = 4096
    """judgements that each judge with a model here keeps, for answers that come again; 0: none"""
    drain_seconds: PositiveFloat = 15.0
    """time that accepted calls get to finish when the service stops"""
    judges: JudgeTable = Field(default_factory=dict)
    """judges that requests can name, beside the one that learns"""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.trunk is None:
            self._check_without_trunk()
        if self.version_folder is not None and self.rollouts:
            raise ValueError("version_folder needs rollouts = false")
        if self.max_queue_tokens < 2 * self.max_batch_tokens:
            raise ValueError("max_queue_tokens must be at least twice max_batch_tokens")
        return self

    def _check_without_trunk(self) -> None:
        if self.rollouts:
            raise ValueError("trunk: is missing; without it, set rollouts = false")
        if self.version_folder is not None:
            raise ValueError("trunk: is missing, which version_folder needs")
        if not self.judges:
            raise ValueError("trunk: is missing, and there is no [judges.NAME]: nothing to serve")
        for name, table in self.judges.items():
            if SERVING in members(table):
                raise ValueError(f"judges.{name}.members: {SERVING} needs a trunk")
