"""`python -m ratchet.learner --config learner.toml`."""

import sys

from ratchet.learner.config import LearnerSettings
from ratchet.process.entry import main

if __name__ == "__main__":
    sys.exit(main("learner", LearnerSettings, "ratchet.learner.service:serve"))
