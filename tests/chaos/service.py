"""A service as a real process, to be killed."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import grpc
from prometheus_client.parser import text_string_to_metric_families

from ratchet.local.health import HealthProbe
from ratchet.local.ports import HOST
from ratchet.local.toml_text import toml_text

T = TypeVar("T")
SERVICES = Path(__file__).parents[2] / "services"
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 240.0
"""Far more than anything takes; a test that waits so long has failed."""


class Service:
    """`python -m ratchet.NAME` with settings of its own; its output goes to a file."""

    def __init__(self, name: str, folder: Path, settings: dict[str, Any]) -> None:
        self._name, self._folder, self._settings = name, folder, settings
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(exist_ok=True)

    def start(self, failpoint: str = "", **environment: str) -> None:
        """Starts it, to be killed by itself at `failpoint`."""
        config = self._folder / f"{self._name}.toml"
        config.write_text(toml_text(self._settings))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"ratchet.{self._name}", "--config", str(config)],
                env={
                    **os.environ,
                    "PYTHONPATH": str(SERVICES),
                    "RATCHET_FAILPOINT": failpoint,
                    **environment,
                },
                stdout=log,
                stderr=log,
            )

    @property
    def log(self) -> Path:
        """What it has said, over all its lives."""
        return self._folder / f"{self._name}.log"

    @property
    def address(self) -> str:
        """Of its gRPC server."""
        return f"{HOST}:{self._settings['port']}"

    def children(self) -> list[int]:
        """Pids of the processes that it has started."""
        assert self._process is not None
        threads = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        return [int(pid) for thread in threads for pid in thread.read_text().split()]

    def exit_code(self) -> int:
        """Waits for its end."""
        assert self._process is not None
        return self._process.wait(PATIENCE_SECONDS)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL where that does not help."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def until(self, look: Callable[[], T | None]) -> T:
        """What `look` returns once it is something; fails where the process ends before."""
        assert self._process is not None
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = look()
            if found is not None:
                return found
            try:
                self._process.wait(LOOK_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        raise AssertionError(self.log.read_text()[-2000:])

    def until_serving(self) -> grpc.Channel:
        """A channel to it, once it is healthy."""
        probe = HealthProbe(self.address)
        channel = grpc.insecure_channel(self.address)

        def serving() -> bool | None:
            try:
                grpc.channel_ready_future(channel).result(timeout=0.5)
            except grpc.FutureTimeoutError:
                return None
            return probe.is_serving() or None

        self.until(serving)
        probe.close()
        return channel

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples with these labels."""
        url = f"http://{HOST}:{self._settings['metrics_port']}/metrics"
        with urllib.request.urlopen(url, timeout=10) as page:
            text = page.read().decode()
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )
