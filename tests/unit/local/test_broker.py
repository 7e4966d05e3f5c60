import socket
from pathlib import Path

import pytest

from ratchet.local import broker as broker_module
from ratchet.local.broker import Broker, find_java
from ratchet.process.config import ConfigError


def fake_java(folder: Path, version: str) -> None:
    (folder / "bin").mkdir()
    java = folder / "bin/java"
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2020-01-01' >&2\n")
    java.chmod(0o755)


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Broker:
    fake_java(tmp_path, "17.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    libs = tmp_path / "libs"
    libs.mkdir()
    (libs / "kafka_2.13-0.jar").touch()
    return Broker(libs, tmp_path / "data")


def test_no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="no Java found: Kafka needs a JDK 17"):
        find_java()


@pytest.mark.parametrize(
    ("version", "told"), [("11.0.2", "is version 11"), ("1.8.0", "is version 1"), ("?", "not tell")]
)
def test_a_java_that_is_too_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, told: str
):
    fake_java(tmp_path, version)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=f"{told}.*: Kafka needs a JDK 17"):
        find_java()


def test_no_jars(broker: Broker, tmp_path: Path):
    (tmp_path / "libs/kafka_2.13-0.jar").unlink()
    with pytest.raises(ConfigError, match="jars are not in"):
        broker.start()


def test_a_full_disk(broker: Broker, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(broker_module, "LEAST_FREE_BYTES", 1024**6)
    with pytest.raises(ConfigError, match="no disk space"):
        broker.start()


def test_a_taken_port(broker: Broker):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", broker.port))
        taken.listen()
        with pytest.raises(ConfigError, match=f"port {broker.port} for Kafka: Address already"):
            broker.start()


def test_a_broker_that_dies_is_told_with_its_last_words(broker: Broker, tmp_path: Path):
    words = "echo 'ERROR the data are from another cluster'; exit 1"
    java = tmp_path / "bin/java"
    java.write_text(java.read_text() + f'[ "$1" = -version ] || {{ {words}; }}\n')
    with pytest.raises(ConfigError, match=r"cannot format .*: ERROR the data are from another"):
        broker.start()
