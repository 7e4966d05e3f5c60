"""Which files the process may still read: Landlock of the Linux kernel, which needs no rights."""

import ctypes
import os
from collections.abc import Sequence

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1  # A flag of _CREATE_RULESET.
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""Version of Landlock -> how many rights to files it knows; 16 from version 5 on."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def only_read_beneath(folders: Sequence[str]) -> None:
    """From now on no file can be opened but for reading, beneath the folders that there are.

    Needs `no_new_privs`. Raises OSError where the kernel has no Landlock.
    """
    try:
        version = _syscall(_CREATE_RULESET, None, 0, _VERSION)
    except OSError as error:
        raise OSError(error.errno, "this machine's kernel has no Landlock") from None
    attribute = _Ruleset((1 << _RIGHTS.get(version, 16)) - 1)
    ruleset = _syscall(_CREATE_RULESET, ctypes.byref(attribute), ctypes.sizeof(attribute), 0)
    for folder in filter(os.path.isdir, folders):
        parent = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        rule = _PathBeneath(_READ_FILE | _READ_DIR, parent)
        _syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
        os.close(parent)
    _syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _syscall(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    # The C function takes whatever comes: an int would be passed as 32 bits.
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result: int = libc.syscall(ctypes.c_long(number), *wide)
    if result < 0:
        found = ctypes.get_errno()
        raise OSError(found, os.strerror(found))
    return result
