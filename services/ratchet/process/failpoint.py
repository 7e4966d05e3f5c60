"""Places in the code where chaos tests kill the process."""

import os
import signal

_passes: dict[str, int] = {}


def failpoint(name: str) -> None:
    """Kills this process with SIGKILL where `RATCHET_FAILPOINT` says so.

    `RATCHET_FAILPOINT=judge-after-produce` kills on the first pass, `judge-after-produce@3` on the
    third. Unset, this does nothing.
    """
    wanted, _, count = os.environ.get("RATCHET_FAILPOINT", "").partition("@")
    if wanted != name:
        return
    _passes[name] = _passes.get(name, 0) + 1
    if _passes[name] == int(count or 1):
        os.kill(os.getpid(), signal.SIGKILL)
