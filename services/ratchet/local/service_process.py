"""One child process that is started again when it dies."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ratchet.process.supervised import VARIABLE

FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 10.0


class ServiceProcess:
    """A command in a process group of its own, so that a Ctrl-C reaches only its supervisor.

    Our own commands end with the supervisor, even if it was SIGKILLed (`process.supervised`).
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.log = log
        self.failures = 0
        """Deaths since the process was last known to be well."""
        self._command = list(command)
        self._environment = {**os.environ, VARIABLE: str(os.getpid()), **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._start_at = 0.0

    @property
    def pid(self) -> int | None:
        """Of the running process; None between two."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Starts the command; its output goes to the end of the log file."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def well(self) -> None:
        """The process does its work: forget earlier failures."""
        self.failures = 0

    def tend(self) -> int | None:
        """Starts a dead process again when its time has come; the exit code when it has just died.

        What it leaves of its process group is ended first: it may hold ports and memory.
        """
        if self._process is None:
            if time.monotonic() >= self._start_at:
                self.start()
            return None
        exit_code = self._process.poll()
        if exit_code is None:
            return None
        _signal_group(self._process.pid, signal.SIGKILL)
        self._process = None
        backoff = min(FIRST_BACKOFF_SECONDS * 2**self.failures, LONGEST_BACKOFF_SECONDS)
        self.failures += 1
        self._start_at = time.monotonic() + backoff
        return exit_code

    def ask_to_stop(self) -> None:
        """SIGTERM; returns at once."""
        if self._process is not None:
            self._process.terminate()

    def stop(self, deadline: float) -> None:
        """Waits until `deadline` (monotonic seconds) for the end, then SIGKILLs the group."""
        if self._process is None:
            return
        try:
            self._process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            pass
        finally:
            _signal_group(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def last_words(self) -> str:
        """The last line of the log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return next((line for line in reversed(lines) if line.strip()), "")


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
