"""What a call raises."""

import grpc

from ratchet.client.retry_info import retry_seconds


class JudgeCallError(Exception):
    """A whole call failed: nothing in it was answered. An item that fails is no exception."""

    def __init__(self, error: grpc.RpcError, target: str) -> None:
        """Takes gRPC's error and the address that was called."""
        self.code: grpc.StatusCode = error.code()
        """Such as INVALID_ARGUMENT, UNAVAILABLE or DEADLINE_EXCEEDED."""
        self.details: str = error.details() or ""
        self.retry_seconds: float | None = retry_seconds(error)
        """What the server asked for in `google.rpc.RetryInfo`."""
        super().__init__(f"judge at {target}: {self.code.name}: {self.details}")
