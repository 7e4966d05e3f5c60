"""Settings of the policy service."""

from typing import Literal

from pydantic import Field

from ratchet.process.config import ServiceSettings

Dtype = Literal["auto", "float32", "bfloat16", "float16"]


class PolicySettings(ServiceSettings):
    """What the policy service can be told, by TOML or `RATCHET_POLICY__...`."""

    port: int = 50052
    """port of PolicyService; 0 picks a free one"""
    metrics_port: int = 9102
    """port of the Prometheus exporter; 0 picks a free one"""

    max_tokens: int = Field(default=64, ge=1)
    """tokens of an answer, where the caller does not say; always for prompts from a topic"""
    temperature: float = Field(default=1.0, ge=0, le=2)
    """of sampling, where the caller does not say; always for prompts from a topic"""
    max_model_len: int = Field(default=512, ge=16)
    """tokens of a prompt and its answer together, at most"""
    max_num_seqs: int = Field(default=64, ge=1)
    """answers to prompts from the topics at once"""
    interactive_seqs: int = Field(default=16, ge=1)
    """answers to gRPC calls that run beside these"""
    max_waiting_calls: int = Field(default=64, ge=1)
    """gRPC calls in flight, above which a call is RESOURCE_EXHAUSTED"""
    turn_seconds: float = Field(default=30, gt=0)
    """time after which no more prompts join a turn, so that judge and learner get theirs"""
    prompts_ahead: int = Field(default=10_000, ge=1)
    """prompts read from each of the two topics and not yet answered, at most"""

    groups_per_version: int = Field(default=8, ge=1)
    """training groups that one update of the learner takes"""
    max_staleness: int = Field(default=0, ge=0)
    """versions by which a training group may be older than the learner's"""
    stall_seconds: float = Field(default=120, gt=0)
    """seconds without a new version, after which the training budget is granted anew"""

    dtype: Dtype = "auto"
    """auto: bfloat16 where the hardware is fast at it, else float32"""
    kv_cache_gib: float = Field(default=1.0, gt=0)
    """memory for keys and values, GiB"""
    drain_seconds: float = Field(default=15, ge=0)
    """time that calls in flight get to end, at a stop"""
