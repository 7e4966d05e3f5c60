"""A real Apache Kafka on this machine: one node in KRaft mode, its data in a folder."""

import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from ratchet.process.config import ConfigError, KafkaSettings
from ratchet.process.supervised import VARIABLE
from ratchet.stream.connection import BrokerUnreachable, wait_for_broker

LEAST_JAVA = 17
LEAST_FREE_BYTES = 1024**3
STOP_SECONDS = 10.0

# One node: nothing can be replicated, and no second member is worth waiting for. Few partitions of
# the broker's own topics, for each is a folder; a small buffer of the cleaner suits a small heap.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={data}/log
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
message.max.bytes=16777216
replica.fetch.max.bytes=16777216
log.cleaner.dedupe.buffer.size=16777216
"""

log = logging.getLogger(__name__)


class Broker:
    """A broker process; it listens on 127.0.0.1 only, and ends with this process at the latest."""

    def __init__(
        self,
        libs: Path,
        data: Path,
        port: int = 0,
        controller_port: int = 0,
        log_file: Path | None = None,
    ) -> None:
        """Takes the folder of Kafka's jars and a folder for its data; port 0 picks a free one."""
        self._libs = libs.resolve()
        self._data = data.resolve()
        self._log_file = log_file or self._data / "kafka.log"
        self.port = port or _free_port()
        self._controller_port = controller_port or _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        """What clients connect to."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The broker's process id while it runs."""
        return self._process.pid if self.running and self._process else None

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self, timeout_seconds: float = 120) -> None:
        """Formats the data folder on its first use, starts the broker, waits until it answers.

        Raises:
            ConfigError: no Java of version 17, no jars, a port is taken, the disk is full, or the
                broker does not come up; one line.
        """
        java = find_java()
        if not any(self._libs.glob("kafka_*.jar")):
            raise ConfigError(f"Kafka's jars are not in {self._libs}")
        self._data.mkdir(parents=True, exist_ok=True)
        free_bytes = shutil.disk_usage(self._data).free
        if free_bytes < LEAST_FREE_BYTES:
            raise ConfigError(
                f"no disk space: {self._data} has {free_bytes / 1024**3:.1f} GiB left, "
                f"Kafka needs {LEAST_FREE_BYTES / 1024**3:.0f}"
            )
        for port in (self.port, self._controller_port):
            _require_free(port)
        properties = self._data / "server.properties"
        properties.write_text(
            PROPERTIES.format(
                port=self.port, controller_port=self._controller_port, data=self._data
            ),
            encoding="utf-8",
        )
        self._format(java, properties)
        self._process = self._spawn([*self._command(java), "kafka.Kafka", str(properties)])
        self._wait_until_ready(timeout_seconds)

    def stop(self) -> None:
        """Asks the broker to shut down, and kills it where it has not in time."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("Kafka did not shut down within %g s and is killed", STOP_SECONDS)
            self.kill()
        self._process = None

    def kill(self) -> None:
        """Kills the broker with SIGKILL; what was acknowledged is on disk all the same."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _format(self, java: str, properties: Path) -> None:
        if (self._data / "log" / "meta.properties").exists():
            return
        cluster_id = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # A leading dash would be taken for an option.
        cluster_id = "r" + cluster_id[1:]
        tool = ["kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(properties)]
        process = self._spawn([*self._command(java), *tool])
        if process.wait(120) != 0:
            raise ConfigError(f"Kafka cannot format {self._data}: {self._last_line()}")

    def _command(self, java: str) -> list[str]:
        return [
            java,
            "-Xmx512m",
            # Less to compile and fewer threads: the models need the cores.
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-cp",
            f"{self._libs}/*",
        ]

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        with self._log_file.open("ab") as output:
            # A session of its own: a Ctrl-C in the terminal must reach it after its clients.
            return subprocess.Popen(
                [sys.executable, "-m", "ratchet.process.supervised", *command],
                env={**os.environ, VARIABLE: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _wait_until_ready(self, timeout_seconds: float) -> None:
        deadline = time.monotonic() + timeout_seconds
        kafka = KafkaSettings(bootstrap_servers=self.bootstrap_servers)
        while True:
            if not self.running:
                raise ConfigError(f"Kafka did not start: {self._last_line()}")
            try:
                wait_for_broker(kafka, timeout_seconds=0.5)
                return
            except BrokerUnreachable:
                if time.monotonic() > deadline:
                    self.stop()
                    raise ConfigError(
                        f"Kafka did not answer within {timeout_seconds:g} s, see {self._log_file}"
                    ) from None

    def _last_line(self) -> str:
        lines = self._log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        told = [line for line in lines if line.strip() and not line.startswith(("\t", " "))]
        return f"{told[-1]} (see {self._log_file})" if told else f"see {self._log_file}"


def find_java() -> str:
    """The path of a Java of at least version 17: that of JAVA_HOME, else of PATH.

    Raises:
        ConfigError: there is none, or it is too old.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        raise ConfigError(f"no Java found: Kafka needs a JDK {LEAST_JAVA} or newer on PATH")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version[1]) < LEAST_JAVA:
        found = f"is version {version[1]}" if version else "does not tell its version"
        raise ConfigError(f"{java} {found}: Kafka needs a JDK {LEAST_JAVA} or newer")
    return java


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _require_free(port: int) -> None:
    with socket.socket() as listener:
        # As Kafka does: connections that have just been closed do not count as taken.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigError(f"port {port} for Kafka: {error.strerror}") from None
