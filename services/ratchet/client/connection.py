"""What the blocking and the awaiting client share: where they connect, and how."""

import json
from dataclasses import dataclass, field

import grpc
from grpc import aio

from ratchet.client.retries import Retries
from ratchet.client.target import first_host, grpc_target
from ratchet.client.tls import Tls

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""What the servers take."""


@dataclass(frozen=True)
class Connection:
    """Settings of a channel to one judge service, of one replica or several."""

    target: str
    """host:port, several with commas between, or a name with a scheme of gRPC's."""
    api_key: str = field(default="", repr=False)
    tls: Tls | None = None
    deadline: float = 30.0
    """Seconds of a call, its retries in them."""
    retries: Retries = field(default_factory=Retries)
    longest_pause: float | None = None
    """Seconds between two tries to connect, at most (default: gRPC's own, two minutes)."""

    def channel(self) -> grpc.Channel:
        """A new channel. Raises ValueError for a target that makes no sense."""
        target, options = grpc_target(self.target), self._options()
        if self.tls is None:
            return grpc.insecure_channel(target, options)
        return grpc.secure_channel(target, self.tls.credentials(), options)

    def aio_channel(self) -> aio.Channel:
        """The same for asyncio."""
        target, options = grpc_target(self.target), self._options()
        if self.tls is None:
            return aio.insecure_channel(target, options)
        return aio.secure_channel(target, self.tls.credentials(), options)

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What every call carries beside its request."""
        return (("authorization", f"Bearer {self.api_key}"),) if self.api_key else ()

    def _options(self) -> list[tuple[str, str | int]]:
        method: dict[str, object] = {"name": [{"service": "ratchet.v1.JudgeService"}]}
        if self.retries.attempts > 1:
            method["retryPolicy"] = self.retries.policy()
        config = {
            "loadBalancingConfig": [{"round_robin": {}}],
            "methodConfig": [method],
            "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
        }
        options: list[tuple[str, str | int]] = [
            ("grpc.service_config", json.dumps(config)),
            # A record in DNS must not replace the policy above.
            ("grpc.service_config_disable_resolution", 1),
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ]
        if self.longest_pause is not None:
            options.append(("grpc.max_reconnect_backoff_ms", round(1000 * self.longest_pause)))
        if self.tls is not None and (name := self._server_name(self.tls)):
            options.append(("grpc.ssl_target_name_override", name))
        return options

    def _server_name(self, tls: Tls) -> str:
        if tls.server_name or "," not in self.target:
            return tls.server_name
        return first_host(self.target)
