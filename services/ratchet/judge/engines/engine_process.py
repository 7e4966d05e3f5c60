"""An engine in a process of its own.

So it has the environment that it needs from before its start, its threads and its signal handlers
are not ours, and its crash is an error of a batch, not the end of the server.
"""

import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection, Pipe
from typing import Any, Self

import numpy as np

from ratchet.judge.engines.output_engine import OutputEngine
from ratchet.process.errors import RestartRequired
from ratchet.reward.packing import TokenGroup

LOAD_SECONDS = 1800.0
BATCH_SECONDS = 300.0
"""Far more than a batch takes: an engine that is silent for so long hangs."""

STDERR = 2
LONGEST_REASON = 500


class EngineFailed(Exception):
    """What the engine raised, in one line."""

    def __init__(self, reason: str) -> None:
        """Takes a reason of any length."""
        super().__init__(" ".join(reason.split())[:LONGEST_REASON])


class EngineDied(RestartRequired):
    """The engine's process is gone, and with it the model."""


class EngineProcess:
    """Another process's engine; see `engines.output_engine.OutputEngine`.

    The process ends when it is closed, and by itself when this one is gone.
    """

    def __init__(self, load: Callable[[], OutputEngine], environ: Mapping[str, str]) -> None:
        """Starts a process with all of `environ`, which then loads the engine; takes seconds.

        `load` and what it holds must be picklable.

        Raises:
            EngineFailed: `load` raised something.
            EngineDied: the process has ended.
        """
        self._connection, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __spec__.name, str(theirs.fileno())],
                env=dict(environ),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # What a library prints is no output of the command that runs here.
                stdout=STDERR,
            )
        try:
            self.labels, self.vocabulary, self.context_tokens = self._answer(load, LOAD_SECONDS)
        except BaseException:
            self.close()
            raise

    def outputs(self, groups: Sequence[TokenGroup]) -> list[np.ndarray]:
        """One float32 array [n, L] for every group of n completions; blocks.

        Raises:
            EngineDied: the process has ended, or was silent for `BATCH_SECONDS` and was killed.
            EngineFailed: the engine raised something.
        """
        # Groups may be lazily unpacked: they travel as what they are.
        plain = [TokenGroup(group.prompt_ids, group.completion_ids) for group in groups]
        return self._answer(plain, BATCH_SECONDS)

    @property
    def begins_ahead(self) -> bool:
        """Never: the process has one question at a time."""
        return False

    def begin(self, groups: Sequence[TokenGroup]) -> Callable[[], list[np.ndarray]]:
        """The same, done by the time that it returns."""
        outputs = self.outputs(groups)
        return lambda: outputs

    def close(self) -> None:
        """Ends the process, also under a batch."""
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self, question: Any, seconds: float) -> Any:
        try:
            self._connection.send(question)
            if not self._connection.poll(seconds):
                self.close()
                raise EngineDied(f"the engine was silent for {seconds:g} s and was killed")
            answer, error = self._connection.recv()
        except (EOFError, OSError):
            code = self._process.wait()
            raise EngineDied(f"the engine's process has ended with {code}") from None
        if error is not None:
            raise EngineFailed(error)
        return answer


def serve(connection: Connection) -> None:
    """The process's side: loads an engine, then answers until the other side is gone."""
    engine: Any = None
    while True:
        try:
            question = connection.recv()
        except (EOFError, ConnectionResetError):
            return
        answer, error = None, None
        try:
            if engine is None:
                engine = question()
                answer = engine.labels, engine.vocabulary, engine.context_tokens
            else:
                answer = engine.outputs(question)
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
        try:
            connection.send((answer, error))
        except (BrokenPipeError, ConnectionResetError):
            return


if __name__ == "__main__":
    # A Ctrl-C reaches both sides: the other one answers it, once accepted work is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(Connection(int(sys.argv[1])))
