"""An engine in a process of its own, with the environment that it is fastest in."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np

from benchmarks.judge.workload import Workload

MARK = "RESULT "


class Contender:
    """Loads once, then scores what it is told, while the others wait."""

    def __init__(
        self, module: str, arguments: list[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=dict(environment),
            text=True,
        )

    def __enter__(self) -> Self:
        self._result()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._log.close()

    def seconds(self, workload: Workload) -> tuple[float, np.ndarray]:
        """Scores the workload: how long it took, and the outputs [n, L]."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(workload)) + "\n")
        self._process.stdin.flush()
        found = self._result()
        return found["seconds"], np.array(found["outputs"])

    def _result(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(MARK):
                return json.loads(line.removeprefix(MARK))
        raise RuntimeError(f"a contender ended: see {self._log.name}")


def compete(score: Callable[[Workload], tuple[float, np.ndarray]]) -> None:
    """The contender's side: warms up, says so, and scores what stands on its input."""
    score(Workload("single", 10**6, 4))
    print(MARK + "{}", flush=True)
    for line in sys.stdin:
        seconds, outputs_nL = score(Workload(**json.loads(line)))
        found = {"seconds": seconds, "outputs": outputs_nL.tolist()}
        print(MARK + json.dumps(found), flush=True)
