"""Which ports the system listens on: the documented ones, or free ones."""

import socket
from contextlib import ExitStack

from ratchet.process.config import ConfigError

HOST = "127.0.0.1"
DEFAULT_PORTS = {
    "kafka": 9092,
    "kafka controller": 9093,
    "judge": 50051,
    "judge metrics": 9101,
    "policy": 50052,
    "policy metrics": 9102,
    "learner": 50053,
    "learner metrics": 9103,
    "feedback": 50054,
    "feedback metrics": 9104,
    "feedback page": 8054,
}


def default_ports(ports: dict[str, int] = DEFAULT_PORTS) -> dict[str, int]:
    """The documented ports.

    Raises:
        ConfigError: one of them is taken; the message names it.
    """
    for name, port in ports.items():
        with socket.socket() as listener:
            # As servers do: a connection that lingers after a stop does not block a start.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, port))
                listener.listen()
            except OSError:
                raise ConfigError(
                    f"port {port} of {name} is taken: stop what listens there, or use --ports auto"
                ) from None
    return dict(ports)


def free_ports() -> dict[str, int]:
    """A port for each name that nobody listens on now."""
    with ExitStack() as stack:
        listeners = {name: stack.enter_context(socket.socket()) for name in DEFAULT_PORTS}
        for listener in listeners.values():
            listener.bind((HOST, 0))
        return {name: listener.getsockname()[1] for name, listener in listeners.items()}
