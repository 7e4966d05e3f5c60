import socket

import pytest

from ratchet.process.config import KafkaSettings
from ratchet.stream.connection import BrokerUnreachable, wait_for_broker


def test_any_bootstrap_server_will_do():
    with socket.socket() as listener, socket.socket() as deaf:
        for each in (listener, deaf):
            each.bind(("127.0.0.1", 0))
        listener.listen()
        servers = [f"127.0.0.1:{each.getsockname()[1]}" for each in (deaf, listener)]
        wait_for_broker(KafkaSettings(bootstrap_servers=", ".join(servers)), timeout_seconds=0)


def test_no_broker_is_told_by_its_address():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(BrokerUnreachable, match=address):
            wait_for_broker(KafkaSettings(bootstrap_servers=address), timeout_seconds=0)
