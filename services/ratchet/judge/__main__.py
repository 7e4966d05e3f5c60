"""`python -m ratchet.judge`."""

import sys

from ratchet.judge.config import JudgeSettings
from ratchet.process.entry import main

if __name__ == "__main__":
    sys.exit(main("judge", JudgeSettings, "ratchet.judge.service:serve"))
