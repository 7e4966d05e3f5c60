"""Settings of the feedback service."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from ratchet.process.config import ServiceSettings

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0)]


class FeedbackSettings(ServiceSettings):
    """What the owner of a feedback service may set."""

    port: int = 50054
    """gRPC port; 0 picks a free one"""
    metrics_port: int = 9104
    """port of the Prometheus exporter; 0 picks a free one"""
    lease_seconds: Seconds = 120.0
    """how long an offered pair is one labeler's own"""
    repeat_share: Share = 0.1
    """largest share of comparisons that another labeler has labeled before"""
    random_share: Share = 0.2
    """share of judged groups whose pairs are picked at random, and of the offers made of them"""
    tail_share: Share = 0.0
    """the same for pairs of the answers that the judge scores highest"""
    pairs_per_version: Annotated[int, Field(ge=1)] = 20
    """pairs of one policy version that are offered, at most, besides those that no judge scored
    and those of prompts that were sent to be labeled"""
    pool_size: Annotated[int, Field(ge=1)] = 2000
    """pairs that may wait for a labeler; the oldest make way"""
    delivery_seconds: Seconds = 10.0
    """longest wait for Kafka to acknowledge a record"""
    drain_seconds: Seconds = 10.0
    """time that running calls get at shutdown"""

    @field_validator("tail_share")
    @classmethod
    def _leaves_room(cls, share: float, info: ValidationInfo) -> float:
        if share + info.data.get("random_share", 0.0) > 1:
            raise ValueError("together with random_share it is more than 1")
        return share
