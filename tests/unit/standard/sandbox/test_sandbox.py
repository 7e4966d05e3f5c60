"""The sandbox against programs that want out."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ratchet.standard.sandbox import sandbox
from ratchet.standard.sandbox.sandbox import Limits, Run, SandboxUnavailable, run

LIMITS = Limits(seconds=1, memory_mb=128)
REFUSED = "PermissionError"


def tried(code: str, *calls: str) -> Run:
    return run(code, calls, {}, LIMITS)


@pytest.mark.parametrize(
    "call",
    [
        "socket.socket()",
        "socket.socketpair()",
        "os.fork()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.execv('/bin/true', ['true'])",
        "subprocess.run(['true'])",
        "os.pipe()",
        "os.memfd_create('x')",
        "os.kill(os.getppid(), 9)",
        "os.kill(0, 9)",
        "signal.pthread_kill(threading.get_ident(), 9)",
        "fcntl.fcntl(1, fcntl.F_SETOWN, os.getppid())",
        "resource.setrlimit(resource.RLIMIT_CPU, (9, 9))",
        "open('/etc/passwd')",
        "open('/proc/self/environ')",
        "open(f'/proc/{os.getppid()}/mem', 'rb')",
        "os.listdir('/')",
        "os.listdir('.')",
        "open('/tmp/ratchet-was-here', 'w')",
        "open('/dev/shm/ratchet-was-here', 'w')",
        "os.open(os.__file__, os.O_RDONLY | os.O_TRUNC)",
        "open(os.__file__, 'a')",
        "os.unlink('/tmp/x')",
        "os.rename('/tmp/x', '/tmp/y')",
        "os.mkdir('/tmp/ratchet-was-here')",
        "os.symlink('/etc', '/tmp/ratchet-was-here')",
        "os.chmod(os.__file__, 0)",
        "os.truncate(os.__file__, 0)",
        "os.chroot('/')",
        "os.setuid(0)",
    ],
)
def test_what_reaches_out_is_refused(call: str) -> None:
    imports = "import fcntl, os, resource, signal, socket, subprocess, threading"
    [outcome] = tried(imports, call).outcomes
    assert outcome.raised == REFUSED, outcome


def test_raw_system_calls_are_refused_too() -> None:
    # ptrace, process_vm_readv, io_uring_setup, bpf, clone3, mount, pidfd_open.
    code = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "def call(n):\n    return libc.syscall(n, 0, 0, 0, 0, 0), ctypes.get_errno()"
    )
    numbers = (101, 310, 425, 321, 435, 165, 434)
    assert [each.value for each in tried(code, *(f"call({n})" for n in numbers)).outcomes] == [
        "(-1, 13)"
    ] * len(numbers)


def test_calls_of_another_architecture_end_the_program() -> None:
    # x32's getpid.
    code = "import ctypes\nlibc = ctypes.CDLL(None)"
    assert tried(code, f"libc.syscall({0x40000000 + 39})").ended == "was ended by SIGSYS"


def test_no_thread_is_started() -> None:
    [outcome] = tried("import threading", "threading.Thread(target=print).start()").outcomes
    assert outcome.raised == "RuntimeError"


def test_the_environment_stays_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATCHET_SECRET", "s3cret")
    [environment, arguments] = tried("import os, sys", "dict(os.environ)", "sys.argv").outcomes
    assert "s3cret" not in environment.value
    assert environment.value in ("{}", "{'LC_CTYPE': 'C.UTF-8'}")
    assert "-c" in arguments.value


def test_our_own_packages_are_not_there() -> None:
    [ours, theirs] = tried("", "__import__('ratchet.client')", "__import__('numpy')").outcomes
    assert (ours.raised, theirs.raised) == ("PermissionError", "ModuleNotFoundError")


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("while True: pass", "used more than 1 s of processor time"),
        (
            "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
            "was ended by SIGKILL",
        ),
        ("x = []\nwhile True: x.append(bytearray(10**6))", "raised MemoryError"),
        ("x = 1 << 10**10", "raised MemoryError"),
        ("import ctypes\nctypes.string_at(0)", "was ended by SIGSEGV"),
        ("import os\nos.abort()", "was ended by SIG"),
        ("(" * 100_000, "raised "),
        ("import os\nos._exit(0)", "ended before its last call"),
    ],
)
def test_what_has_no_end_is_ended(code: str, ended: str) -> None:
    assert ended in tried(code, "1").ended


def test_endless_output_is_cut_off() -> None:
    code = (
        "import os\nfor number in range(3, 64):\n"
        "    try:\n        for _ in range(99): os.write(number, b'x' * 9999)\n"
        "    except OSError: pass\n"
        "import time\ntime.sleep(1000)"
    )
    assert tried(code, "1").ended == "wrote more than 256 KiB"
    assert tried("print('x' * 10**7)", "1").outcomes[0].value == "1"


def test_waiting_is_ended_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits, "clock_seconds", 1.5)
    assert tried("import time\ntime.sleep(1000)", "1").ended == "did not end within 1.5 s"


def test_what_a_program_writes_by_itself_breaks_nothing() -> None:
    code = (
        "import os\nfor number in range(3, 9):\n"
        '    try: os.write(number, b\'[]\\n{"value": 3}\\n\\xff\\n{"value": "\\\\ud800"}\\n\')\n'
        "    except OSError: pass"
    )
    ran = tried(code, "1", "2", "3", "4")
    for outcome in ran.outcomes:
        outcome.value.encode()


def test_a_program_ends_with_the_process_that_ran_it() -> None:
    # The parent is killed while it waits.
    code = (
        "from ratchet.standard.sandbox.sandbox import Limits, run\n"
        "run('import time; time.sleep(1000)', [], {}, Limits(1, 128))"
    )
    root = str(Path(sandbox.__file__).parents[3])
    environment = {**os.environ, "PYTHONPATH": root}
    parent = subprocess.Popen([sys.executable, "-c", code], env=environment)
    try:
        child = _only_child(parent)
        while "Seccomp:\t2" not in Path(f"/proc/{child}/status").read_text():
            pass  # It has not locked itself in yet.
        descriptor = os.pidfd_open(child)
    finally:
        parent.kill()
        parent.wait()
    assert select.select([descriptor], [], [], 60)[0], "it goes on"
    os.close(descriptor)


def _only_child(parent: "subprocess.Popen[bytes]") -> int:
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    while parent.poll() is None:
        if found := children.read_text().split():
            return int(found[0])
    raise AssertionError("the parent ended early")


@pytest.mark.parametrize("module", ["only_read_beneath", "only_allowed_calls"])
def test_a_machine_that_cannot_lock_runs_nothing(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the kernel had said yes and done nothing, and as if it had said no.
    begin = sandbox._BEGIN.replace(
        "main()", f"import ratchet.standard.sandbox.inside as i; i.{module} = DOES; main()"
    )
    for does, told in (
        ("lambda *a: None", "does not hold"),
        ("lambda *a: (_ for _ in ()).throw(OSError(38, 'no Landlock'))", "no Landlock"),
    ):
        monkeypatch.setattr(sandbox, "_BEGIN", begin.replace("DOES", does))
        with pytest.raises(SandboxUnavailable, match=told):
            tried("open('/etc/passwd')", "1")


def test_a_python_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(SandboxUnavailable, match="did not start"):
        tried("", "1")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SandboxUnavailable, match="did not start"):
        tried("", "1")


def test_signals_have_names() -> None:
    assert sandbox._ending(-signal.SIGSEGV, LIMITS) == "was ended by SIGSEGV"
