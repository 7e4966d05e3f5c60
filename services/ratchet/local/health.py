"""Is a service ready?"""

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

TIMEOUT_SECONDS = 2.0


class HealthProbe:
    """Asks one service's gRPC health over a connection that it keeps."""

    def __init__(self, address: str) -> None:
        # A service that is not up yet should be met within a second of its start.
        options = [("grpc.max_reconnect_backoff_ms", 1000)]
        self._channel = grpc.insecure_channel(address, options)
        self._stub = HealthStub(self._channel)

    def is_serving(self) -> bool:
        """False too where nobody answers."""
        try:
            reply: HealthCheckResponse = self._stub.Check(  # pyright: ignore
                HealthCheckRequest(), timeout=TIMEOUT_SECONDS
            )
        except grpc.RpcError:
            return False
        return bool(reply.status == HealthCheckResponse.SERVING)

    def close(self) -> None:
        """Closes the connection."""
        self._channel.close()
