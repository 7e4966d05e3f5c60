"""Ends the engine's process when the service that started it is gone."""

import multiprocessing
import os
import threading
from multiprocessing.process import BaseProcess


def end_with_parent() -> None:
    """Makes this child of `multiprocessing` end at once, however its parent ends.

    vLLM's engine process does not notice a SIGKILL of its parent: it would stay for ever,
    with gigabytes of memory, beside the one that the restarted service brings along.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()


def _watch(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
