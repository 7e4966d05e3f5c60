"""Runs the judge service: `python -m ratchet.judge --config judge.toml`."""

import os
import sys

from ratchet.judge.config import JudgeSettings
from ratchet.process.entry import main
from ratchet.process.torch_environment import torch_environment

if __name__ == "__main__":
    missing = torch_environment()
    if missing and not {"--help", "-h", "--check"} & set(sys.argv):
        # Some of these are read by the dynamic loader, so before the first line of Python.
        command = [sys.executable, "-m", "ratchet.judge", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, **missing})
    sys.exit(main("judge", JudgeSettings, "ratchet.judge.service:serve"))
