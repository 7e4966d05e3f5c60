"""Runs a Python program in a process that can compute, and nothing else."""

import json
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import ratchet

MOST_OUTPUT = 256 * 1024
"""bytes of all results together"""

_BEGIN = (
    "import sys; sys.path.append(sys.argv[1]);"
    "from ratchet.standard.sandbox.inside import main; main()"
)


class SandboxUnavailable(Exception):
    """This machine cannot keep a program in, so it was not run."""


@dataclass(frozen=True)
class Limits:
    """What a program may use."""

    seconds: float
    """of processor time, rounded up; five times as much, and 5 s, may pass on the clock"""
    memory_mb: int
    """of address space, of which Python takes about 30"""

    @property
    def clock_seconds(self) -> float:
        """After which a program is stopped that only waits."""
        return 5 * self.seconds + 5


@dataclass(frozen=True)
class Outcome:
    """How a call went: its value's repr, or the name of the exception and its message."""

    value: str = ""
    raised: str = ""
    message: str = ""


@dataclass(frozen=True)
class Run:
    """How the calls went, in order, as far as the program came."""

    outcomes: Sequence[Outcome]
    ended: str = ""
    """why there are fewer outcomes than calls, such as `used more than 2 s of processor time`"""


def run(code: str, calls: Sequence[str], names: Mapping[str, str], limits: Limits) -> Run:
    """Loads the code with some names set, then evaluates each call in its module.

    The program sees Python's standard library and its own memory: no network, no other file, no
    environment, no second process or thread. It can lie about a value, but not about ours.

    Raises:
        SandboxUnavailable: the kernel cannot keep it in, or the process could not be started.
    """
    job = {
        "code": code,
        "calls": list(calls),
        "names": dict(names),
        "cpu_seconds": math.ceil(limits.seconds),
        "memory_bytes": limits.memory_mb * 1024 * 1024,
        "parent": os.getpid(),
    }
    output, ended = _output(json.dumps(job).encode(), limits)
    lines = list(map(_parsed, output.split(b"\n")[:-1]))
    first = lines[0] if lines else {}
    if "refused" in first:
        raise SandboxUnavailable(f"programs cannot be run here: {first['refused']}")
    if "locked" not in first:
        told = output[-200:].decode(errors="replace").strip()
        raise SandboxUnavailable(f"the sandbox did not start ({ended}): {told}")
    if len(lines) > 1 and "raised" in lines[1]:
        failed = _outcome(lines[1])
        return Run([], f"raised {failed.raised} when it was loaded: {failed.message}")
    outcomes = [_outcome(line) for line in lines[2 : 2 + len(calls)]]
    return Run(outcomes, ended if len(outcomes) < len(calls) else "")


def _output(job: bytes, limits: Limits) -> tuple[bytes, str]:
    """What the process wrote, and how it ended."""
    root = Path(ratchet.__file__).parent.parent
    command = [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _BEGIN, str(root)]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={},
            start_new_session=True,
        )
    except OSError as error:
        raise SandboxUnavailable(f"the sandbox did not start: {error}") from None
    assert process.stdin and process.stdout
    late = threading.Event()
    clock = threading.Timer(limits.clock_seconds, lambda: (late.set(), process.kill()))
    clock.start()
    try:
        with process:
            try:
                process.stdin.write(job)
                process.stdin.close()
            except BrokenPipeError:
                pass  # Its output tells why.
            output = process.stdout.read(MOST_OUTPUT + 1)
            if len(output) > MOST_OUTPUT:
                process.kill()
    finally:
        clock.cancel()
    if late.is_set():
        return output, f"did not end within {limits.clock_seconds:g} s"
    if len(output) > MOST_OUTPUT:
        return output, f"wrote more than {MOST_OUTPUT // 1024} KiB"
    return output, _ending(process.returncode, limits)


def _ending(returncode: int, limits: Limits) -> str:
    if returncode == -signal.SIGXCPU:
        return f"used more than {math.ceil(limits.seconds)} s of processor time"
    if returncode < 0:
        return f"was ended by {signal.Signals(-returncode).name}"
    return "ended before its last call"


def _parsed(line: bytes) -> dict[str, Any]:
    """A line of the process, which may say anything once the program runs."""
    try:
        found: object = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _outcome(line: Mapping[str, object]) -> Outcome:
    value, raised, message = (_text(line.get(key)) for key in ("value", "raised", "message"))
    return Outcome(value, raised, message[:200])


def _text(found: object) -> str:
    """A text that has a UTF-8, unlike half a surrogate pair."""
    return found.encode(errors="replace").decode() if isinstance(found, str) else ""
