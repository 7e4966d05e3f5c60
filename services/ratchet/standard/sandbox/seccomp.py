"""Which system calls the process may still make: a seccomp filter of those that Python needs.

What is not named is refused with EACCES: sockets, processes and threads, signals to others, every
change of a file. Numbers are those of x86-64, for which alone requirements are locked.
"""

import ctypes
import os

ALLOWED = {
    "read": 0, "write": 1, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8,
    "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
    "rt_sigreturn": 15, "pread64": 17, "readv": 19, "writev": 20, "access": 21, "select": 23,
    "sched_yield": 24, "mremap": 25, "madvise": 28, "dup": 32, "dup2": 33, "nanosleep": 35,
    "getpid": 39, "exit": 60, "uname": 63, "getcwd": 79, "readlink": 89, "gettimeofday": 96,
    "getrusage": 98, "times": 100, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108,
    "getppid": 110, "sigaltstack": 131, "gettid": 186, "time": 201, "futex": 202,
    "sched_getaffinity": 204, "getdents64": 217, "restart_syscall": 219, "clock_gettime": 228,
    "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "newfstatat": 262,
    "readlinkat": 267, "faccessat": 269, "pselect6": 270, "ppoll": 271, "dup3": 292,
    "getrandom": 318, "statx": 332, "faccessat2": 439,
}  # fmt: skip
_OPENAT = 257
_WRITES = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC

_ARCH_X86_64, _X32 = 0xC000003E, 0x40000000
_NUMBER, _ARCH, _FLAGS_OF_OPENAT = 0, 4, 32  # Offsets in the kernel's struct seccomp_data.
_LOAD, _EQUALS, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _REFUSE, _ALLOW = 0x80000000, 0x00050000 | 13, 0x7FFF0000  # 13: EACCES.
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


class _Step(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("operand", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("steps", ctypes.POINTER(_Step)))


def only_allowed_calls() -> None:
    """From now on the process makes no other system call. Needs `no_new_privs`.

    Raises OSError on another architecture, or where the kernel has no seccomp.
    """
    if os.uname().machine != "x86_64":
        raise OSError(f"there is no sandbox for {os.uname().machine} yet, only for x86_64")
    steps = _steps()
    program = _Program(len(steps), (_Step * len(steps))(*steps))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program)):
        raise OSError(ctypes.get_errno(), "this machine's kernel has no seccomp")


def _steps() -> list[_Step]:
    steps = [
        _Step(_LOAD, 0, 0, _ARCH),
        _Step(_EQUALS, 1, 0, _ARCH_X86_64),
        _Step(_RETURN, 0, 0, _KILL),
        _Step(_LOAD, 0, 0, _NUMBER),
        _Step(_AT_LEAST, 0, 1, _X32),
        _Step(_RETURN, 0, 0, _KILL),
        # A file is opened to be read, or not at all.
        _Step(_EQUALS, 0, 4, _OPENAT),
        _Step(_LOAD, 0, 0, _FLAGS_OF_OPENAT),
        _Step(_ANY_BIT, 0, 1, _WRITES),
        _Step(_RETURN, 0, 0, _REFUSE),
        _Step(_RETURN, 0, 0, _ALLOW),
    ]
    for number in ALLOWED.values():
        steps += [_Step(_EQUALS, 0, 1, number), _Step(_RETURN, 0, 0, _ALLOW)]
    return [*steps, _Step(_RETURN, 0, 0, _REFUSE)]
