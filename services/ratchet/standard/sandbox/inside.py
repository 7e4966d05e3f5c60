"""The process that locks itself in, then runs the program. It imports the standard library alone.

Its input is one JSON object (`code`, `calls`, `names`, `cpu_seconds`, `memory_bytes`, `parent`),
its output JSON lines: that it is locked in, how loading the code went, how each call went.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from types import ModuleType
from typing import Any

from ratchet.standard.sandbox.landlock import only_read_beneath
from ratchet.standard.sandbox.seccomp import only_allowed_calls

LONGEST_VALUE = 10_000
"""characters of a value"""

_READABLE = (os.path.dirname(os.__file__), "/lib", "/lib64", "/usr/lib", "/usr/share/zoneinfo")
"""what an import may need: Python's own library and the shared libraries of its modules"""

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38


def main() -> None:
    """Runs one job, and ends the process."""
    job = json.load(sys.stdin.buffer)
    out = os.dup(1)
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    try:
        _end_with(job["parent"])
        _lock_in(job["cpu_seconds"], job["memory_bytes"])
    except OSError as error:
        _say(out, {"refused": error.strerror or str(error)})
        os._exit(1)
    _say(out, {"locked": True})
    _run(job["code"], job["calls"], job["names"], out)
    os._exit(0)  # Nothing that the program has left for the end is run.


def _end_with(parent: int) -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # It was gone before the kernel knew.


def _lock_in(cpu_seconds: int, memory_bytes: int) -> None:
    """Raises OSError where the kernel cannot keep a program in."""
    limits = {
        resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds + 1),
        resource.RLIMIT_AS: (memory_bytes, memory_bytes),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_NOFILE: (64, 64),
        resource.RLIMIT_CORE: (0, 0),
    }
    for limit, (soft, hard) in limits.items():
        resource.setrlimit(limit, (soft, hard))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    only_read_beneath(_READABLE)
    only_allowed_calls()
    _try_the_lock()


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel refused prctl")


def _try_the_lock() -> None:
    """Raises OSError where what must be forbidden is not, whatever the kernel said."""
    for attempt in (lambda: os.open("/", os.O_RDONLY), lambda: os.kill(os.getpid(), 0)):
        try:
            attempt()
        except PermissionError:
            continue
        raise OSError("the sandbox does not hold on this machine")


def _run(code: str, calls: list[str], names: dict[str, str], out: int) -> None:
    module = ModuleType("answer")
    sys.modules["answer"] = module  # Dataclasses look their module up.
    module.__dict__.update(names)
    try:
        exec(compile(code, "answer.py", "exec"), module.__dict__)
    except BaseException as error:
        return _say(out, _raised(error))
    _say(out, {"loaded": True})
    for call in calls:
        try:
            value = repr(eval(compile(call, "call", "eval"), module.__dict__))
            if len(value) > LONGEST_VALUE:
                raise ValueError(f"the value has more than {LONGEST_VALUE} characters")
            said: dict[str, Any] = {"value": value}
        except BaseException as error:
            said = _raised(error)
        _say(out, said)


def _raised(error: BaseException) -> dict[str, Any]:
    try:
        message = str(error)[:200]
    except BaseException:
        message = ""
    return {"raised": type(error).__name__, "message": message}


def _say(out: int, line: dict[str, Any]) -> None:
    os.write(out, json.dumps(line).encode() + b"\n")
