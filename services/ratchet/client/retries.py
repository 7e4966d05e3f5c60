"""When a call is tried again."""

import random
from dataclasses import dataclass

import grpc

from ratchet.client.retry_info import retry_seconds


@dataclass(frozen=True)
class Retries:
    """The budget of a call, within its deadline.

    gRPC itself tries again where a server is UNAVAILABLE, or its gRPC is too full to take the call
    up (CANCELLED), and stops to while most calls fail (`retryThrottling`). RESOURCE_EXHAUSTED is
    tried again here, after the delay that the server asks for in `google.rpc.RetryInfo`; without
    one, such as for a message that is too large, another try would end as the last.
    """

    attempts: int = 5
    """How often a call is sent at most, 1 or more. By gRPC itself no more than 5 times."""
    first_backoff: float = 0.1
    """Seconds before gRPC's second attempt, at most; it doubles."""
    longest_backoff: float = 5.0
    """Seconds."""

    def policy(self) -> dict[str, object]:
        """The part of gRPC's service config that a method's retries are."""
        return {
            "maxAttempts": min(self.attempts, 5),
            "initialBackoff": f"{self.first_backoff:g}s",
            "maxBackoff": f"{self.longest_backoff:g}s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
        }

    def delay(self, error: grpc.RpcError, attempt: int, left: float) -> float | None:
        """Seconds to wait before the next attempt; None where the call has failed for good.

        Args:
            error: how the last attempt ended.
            attempt: how many there have been.
            left: seconds up to the deadline.
        """
        if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED or attempt >= self.attempts:
            return None
        asked = retry_seconds(error)
        if asked is None:
            return None
        # Everyone who was refused at once was told the same delay.
        asked *= random.uniform(1.0, 1.2)
        return asked if asked < left else None
