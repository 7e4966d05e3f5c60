"""`python -m ratchet.feedback --config feedback.toml`."""

import sys

from ratchet.feedback.config import FeedbackSettings
from ratchet.process.entry import main

if __name__ == "__main__":
    sys.exit(main("feedback", FeedbackSettings, "ratchet.feedback.service:serve"))
