"""Servers to measure against: the judge of one reward model, vLLM's, or a bare front end."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import grpc

from benchmarks.judge.setting import VLLM_BATCH_TOKENS, Setting, vllm_environment
from ratchet.local.health import HealthProbe
from ratchet.local.ports import HOST, free_ports
from ratchet.process.torch_environment import torch_environment

JUDGE = "reward"
PATIENCE_SECONDS = 400.0


class Server:
    """A process that listens on a port of its own, from the end of `with`'s first line."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], port: int, log: Path
    ) -> None:
        self.port = port
        self._command, self._environment, self._log = command, environment, log

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._command],
                env=dict(self._environment),
                stdout=log,
                stderr=log,
            )
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up:
                self._process.kill()
                raise RuntimeError(f"a server did not start: see {self._log}")
            time.sleep(0.5)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends it, where it still runs."""
        self._process.terminate()
        self._process.wait()

    @property
    def address(self) -> str:
        """Its host and port."""
        return f"{HOST}:{self.port}"

    @property
    def resident_bytes(self) -> int:
        """Memory that it holds now."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="utf-8").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def _answers(self) -> bool:
        return HealthProbe(self.address).is_serving()


class HttpServer(Server):
    """One that tells of its health over HTTP."""

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/health", timeout=1) as reply:
                return reply.status == 200
        except OSError:
            return False


class FrontServer(Server):
    """One that is there once its port is."""

    def _answers(self) -> bool:
        with grpc.insecure_channel(self.address) as channel:
            try:
                grpc.channel_ready_future(channel).result(timeout=1)
            except grpc.FutureTimeoutError:
                return False
        return True


class JudgeServer(Server):
    """One that tells how long its model has worked."""

    metrics_port = 0

    @property
    def model_seconds(self) -> float:
        """Time that the model has worked since the start."""
        with urllib.request.urlopen(f"http://{HOST}:{self.metrics_port}/metrics") as reply:
            lines: list[str] = reply.read().decode().splitlines()
        [line] = [line for line in lines if line.startswith("ratchet_judge_model_seconds_sum")]
        return float(line.split()[1])


def judge_server(setting: Setting, max_queue_tokens: int = 65536) -> JudgeServer:
    """The judge service with the reward model alone."""
    ports = free_ports()
    port, metrics_port = ports["judge"], ports["judge metrics"]
    tables = {JUDGE: {"kind": "model", "folder": str(setting.model)}}
    settings = {
        "PORT": port,
        "METRICS_PORT": metrics_port,
        "ROLLOUTS": "false",
        "CONTEXT_TOKENS": 2048,
        "MAX_BATCH_TOKENS": setting.batch_tokens,
        "MAX_QUEUE_TOKENS": max_queue_tokens,
        "CACHED_SCORES": 0,  # The same conversations come again.
        "JUDGES": json.dumps(tables),
    }
    environment = {**torch_environment(), **os.environ}
    environment |= {f"RATCHET_JUDGE__{name}": str(value) for name, value in settings.items()}
    server = JudgeServer(["ratchet.judge"], environment, port, setting.logs / "judge.log")
    server.metrics_port = metrics_port
    return server


def vllm_server(setting: Setting) -> Server:
    """VLLM's server with the same model, tuned like its offline engine."""
    port = free_ports()["judge"]
    options = {
        "model": setting.model,
        "served-model-name": JUDGE,
        "runner": "pooling",
        "dtype": setting.dtype,
        "max-model-len": 2048,
        "max-num-batched-tokens": VLLM_BATCH_TOKENS,
        "host": HOST,
        "port": port,
    }
    command = ["vllm.entrypoints.openai.api_server", "--disable-log-stats"]
    command += [f"--{name}={value}" for name, value in options.items()]
    return HttpServer(command, vllm_environment(), port, setting.logs / "vllm_server.log")


def front_server(setting: Setting, kind: str) -> Server:
    """The judge's front end before a model that does nothing ("judge"), or an "echo"."""
    port = free_ports()["judge"]
    command = ["benchmarks.judge.front_server", kind, str(port)]
    return FrontServer(command, os.environ, port, setting.logs / f"front_{kind}.log")
