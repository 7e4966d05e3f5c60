"""A child must not outlive a supervisor that was killed."""

import os
import signal
import subprocess
import sys

CHILD = """
import signal, sys
from ratchet.process.supervised import end_with_supervisor
end_with_supervisor()
print("ready", flush=True)
signal.pause()
"""
SUPERVISOR = f"""
import os, subprocess, sys
from ratchet.process.supervised import VARIABLE
env = {{**os.environ, VARIABLE: str(os.getpid())}}
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], env=env)
print(child.pid, flush=True)
child.wait()
"""


def test_a_child_ends_when_its_supervisor_is_killed() -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR], stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout is not None
    child = int(supervisor.stdout.readline())
    assert supervisor.stdout.readline() == "ready\n"
    # The child holds the other end of the pipe: it closes when the child has ended.
    supervisor.kill()
    assert supervisor.stdout.read() == ""
    supervisor.wait()
    supervisor.stdout.close()
    assert not os.path.exists(f"/proc/{child}/fd/1")


def test_a_child_that_comes_too_late_ends_at_once() -> None:
    environ = {**os.environ, "RATCHET_SUPERVISOR_PID": "1"}
    done = subprocess.run([sys.executable, "-c", CHILD], env=environ, capture_output=True)
    assert done.returncode == -signal.SIGTERM


def test_without_a_supervisor_nothing_happens() -> None:
    environ = {k: v for k, v in os.environ.items() if k != "RATCHET_SUPERVISOR_PID"}
    program = CHILD.replace("signal.pause()", "")
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True)
    assert done.returncode == 0
