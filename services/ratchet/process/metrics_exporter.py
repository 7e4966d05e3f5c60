"""The Prometheus exporter of a service."""

from prometheus_client import start_http_server

from ratchet.process.config import ConfigError


def start_exporter(host: str, port: int) -> int:
    """Serves the default registry at `/metrics` from a daemon thread, and returns the port.

    Raises:
        ConfigError: the port is taken.
    """
    try:
        server, _ = start_http_server(port, addr=host)
    except OSError as error:
        raise ConfigError(
            f"metrics_port: cannot listen on {host}:{port}: {error.strerror}"
        ) from None
    return server.server_port
