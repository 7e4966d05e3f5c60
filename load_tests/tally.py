"""What became of a step's calls, counted in one process and added up over all."""

from collections import Counter
from dataclasses import dataclass, field

from load_tests.histogram import Histogram

OK = "OK"


@dataclass
class Tally:
    """Counts and durations. Latency runs from the moment when a call was due, not sent."""

    codes: Counter[str] = field(default_factory=Counter[str])
    """Calls by how they ended; OK: accepted and answered."""
    good: int = 0
    """Accepted calls that were answered within the SLO."""
    accepted: Histogram = field(default_factory=Histogram)
    """Latency of the calls that were OK."""
    lateness: Histogram = field(default_factory=Histogram)
    """From due to sent, of all calls: the generator's own fault."""

    def record(self, due: float, sent: float, done: float, code: str, slo: float) -> None:
        """Adds a call; all in seconds of one clock, and the SLO in seconds from `due`."""
        self.codes[code] += 1
        self.lateness.record(sent - due)
        if code == OK:
            self.accepted.record(done - due)
            self.good += done - due <= slo

    def add(self, other: "Tally") -> None:
        """Adds what another process counted."""
        self.codes += other.codes
        self.good += other.good
        self.accepted.add(other.accepted)
        self.lateness.add(other.lateness)
