"""Runs the policy service: `python -m ratchet.policy --config policy.toml`."""

import os
import sys

from ratchet.policy.config import PolicySettings
from ratchet.policy.environment import policy_environment
from ratchet.process.entry import main

if __name__ == "__main__":
    missing = policy_environment()
    if missing and not {"--help", "-h", "--check"} & set(sys.argv):
        # Some of these are read by the dynamic loader, so before the first line of Python.
        command = [sys.executable, "-m", "ratchet.policy", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, **missing})
    sys.exit(main("policy", PolicySettings, "ratchet.policy.service:serve"))
