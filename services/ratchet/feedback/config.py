"""Settings of the feedback service."""

from typing import Annotated

from pydantic import Field

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
    pairs_per_version: Annotated[int, Field(ge=1)] = 20
    """pairs of one policy version that are offered, at most, besides those that no judge scored
    and those of prompts that were sent to be labeled"""
    pool_size: Annotated[int, Field(ge=1)] = 2000
    """pairs that may wait for a labeler; the oldest make way"""
    delivery_seconds: Seconds = 10.0
    """longest wait for Kafka to acknowledge a record"""
    drain_seconds: Seconds = 10.0
    """time that running calls get at shutdown"""
