"""Ending with the process that started this one.

`python -m ratchet.process.supervised COMMAND...` becomes a command that is not ours, which then
ends so too.
"""

import ctypes
import os
import signal
import sys

VARIABLE = "RATCHET_SUPERVISOR_PID"
_PR_SET_PDEATHSIG = 1


def end_with_supervisor() -> None:
    """Has the kernel send SIGTERM when the supervisor is gone, however it went (Linux only).

    Does nothing where no supervisor named itself in the environment. The child asks for this
    itself: between fork and exec no code of ours may run, for there gRPC's threads would start
    again and crash (grpc/grpc#43157).
    """
    supervisor = os.environ.get(VARIABLE)
    libc = ctypes.CDLL(None)
    if supervisor is None or not hasattr(libc, "prctl"):
        return
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(supervisor):
        os.kill(os.getpid(), signal.SIGTERM)  # it was gone before the kernel knew


if __name__ == "__main__":
    end_with_supervisor()
    os.execvp(sys.argv[1], sys.argv[1:])
