"""Settings of the feedback service."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from ratchet.feedback.notices.config import NoticeSettings
from ratchet.process.config import ServiceSettings, Settings, is_loopback

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0)]


class LearnerSettings(Settings):
    """How the page reaches the learner, `[learner]`."""

    address: str | None = None
    """host:port of its gRPC; unset: the page offers no roll-back, promotion or pause"""
    key_file: Path | None = None
    """holds an API key of the learner's, where it asks for one"""
    ca: Path | None = None
    """who may sign its certificate, PEM; unset: no TLS"""
    certificate: Path | None = None
    """of this service, PEM, where the learner asks for one (mTLS)"""
    private_key: Path | None = None
    """of the certificate"""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("certificate and private_key go together")
        if self.certificate is not None and self.ca is None:
            raise ValueError("certificate needs ca")
        return self


class FeedbackSettings(ServiceSettings):
    """What the owner of a feedback service may set."""

    port: int = 50054
    """gRPC port; 0 picks a free one"""
    metrics_port: int = 9104
    """port of the Prometheus exporter; 0 picks a free one"""
    page_host: str = "127.0.0.1"
    """address that the labeling page listens on; beyond loopback, TLS and keys (or mTLS) are asked
    for, which are those of gRPC"""
    page_port: int = 8054
    """port of the labeling page; 0 picks a free one"""
    page_names: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    """host names by which browsers reach the page; others are refused (DNS rebinding)"""
    page_key_file: Path | None = None
    """signs the page's cookies, and is made where it is missing; unset: a new key at each start,
    so that everybody types a name again"""
    marks_wanted: Annotated[int, Field(ge=0)] = 0
    """marked answers that the learner waits for before the first judge, to show how many are
    missing; 0: not shown"""
    lease_seconds: Seconds = 120.0
    """how long an offered pair is one labeler's own"""
    repeat_share: Share = 0.1
    """largest share of comparisons that another labeler has labeled before"""
    random_share: Share = 0.2
    """share of judged groups whose pairs are picked at random, and of the offers made of them; an
    autonomous judge is audited on these alone"""
    tail_share: Share = 0.0
    """the same for pairs of the answers that the judge scores highest"""
    pairs_per_version: Annotated[int, Field(ge=1)] = 20
    """pairs of one policy version that are offered, at most, besides those that no judge scored
    and those of prompts that were sent to be labeled"""
    pool_size: Annotated[int, Field(ge=1)] = 2000
    """pairs that may wait for a labeler; the oldest make way"""
    learner: LearnerSettings = LearnerSettings()
    notices: NoticeSettings = NoticeSettings()
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

    @model_validator(mode="after")
    def _page_closed_to_strangers(self) -> Self:
        known = self.tls.client_ca is not None or self.auth.keys_file is not None
        secured = self.tls.certificate is not None and known
        if not (is_loopback(self.page_host) or secured or self.insecure_public):
            raise ValueError(
                f"page_host: {self.page_host!r} is not loopback: set tls.certificate, and"
                " auth.keys_file or tls.client_ca, or insecure_public = true where the network"
                " itself is closed"
            )
        return self
