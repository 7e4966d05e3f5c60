import socket
import urllib.request

import pytest

from ratchet.process.config import ConfigError
from ratchet.process.metrics_exporter import start_exporter


def test_metrics_are_served():
    port = start_exporter("127.0.0.1", 0)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as response:
        assert b"process_cpu_seconds_total" in response.read()


def test_a_taken_port_is_a_config_error():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match=r"metrics_port: cannot listen on 127\.0\.0\.1"):
            start_exporter("127.0.0.1", taken.getsockname()[1])
