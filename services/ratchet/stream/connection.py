"""Reaching the brokers: waiting for them, and the Kafka clients as this project sets them up."""

import contextlib
import socket
import time
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from ratchet.process.config import KafkaSettings

MAX_RECORD_BYTES = 16 * 1024 * 1024
# A batch holds its records and a little around them.
MAX_BATCH_BYTES = MAX_RECORD_BYTES + 64 * 1024

# kafka-python carries no types: its clients are `Any` to the rest of the package.


class BrokerUnreachable(Exception):
    """No broker could be reached in time."""


def wait_for_broker(kafka: KafkaSettings, timeout_seconds: float = 30) -> None:
    """Waits until a bootstrap server accepts connections.

    A client made while nothing listens yet would block for 30 s, whatever comes up in between.

    Raises:
        BrokerUnreachable: none did in time.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        for server in kafka.bootstrap_servers.split(","):
            host, _, port = server.strip().rpartition(":")
            with contextlib.suppress(OSError):
                socket.create_connection((host.strip("[]"), int(port)), timeout=2).close()
                return
        if time.monotonic() > deadline:
            raise BrokerUnreachable(f"no Kafka broker at {kafka.bootstrap_servers}")
        time.sleep(0.1)


def admin_client(kafka: KafkaSettings) -> Any:
    """A client for topics and the cluster."""
    wait_for_broker(kafka)
    return KafkaAdminClient(**kafka.client_options())


def producer_client(kafka: KafkaSettings, service: str, **options: Any) -> Any:
    """An idempotent producer that waits for all replicas."""
    wait_for_broker(kafka)
    return KafkaProducer(
        **kafka.client_options(),
        client_id=f"ratchet-{service}",
        acks="all",
        enable_idempotence=True,
        max_request_size=MAX_BATCH_BYTES,
        max_block_ms=30_000,
        allow_auto_create_topics=False,
        metrics_enabled=False,
        **options,
    )


def consumer_client(kafka: KafkaSettings, service: str, **options: Any) -> Any:
    """A consumer of committed records that starts at the beginning and commits nothing itself."""
    wait_for_broker(kafka)
    return KafkaConsumer(
        **kafka.client_options(),
        client_id=f"ratchet-{service}",
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        # A record is still answered at once; a topic without one costs two requests fewer a second.
        fetch_max_wait_ms=2000,
        allow_auto_create_topics=False,
        metrics_enabled=False,
        **options,
    )


def group_options(kafka: KafkaSettings, group: str) -> dict[str, Any]:
    """Options of a consumer in a group.

    A dead member is noticed after 10 s. A batch may take long, for its service may wait for its
    turn at the compute lease: only 30 minutes without a poll count as stuck.
    """
    return {
        "group_id": kafka.topic_prefix + group,
        "session_timeout_ms": 10_000,
        "heartbeat_interval_ms": 2_000,
        "max_poll_interval_ms": 1_800_000,
    }
