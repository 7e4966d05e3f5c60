"""Where a server saturates."""

from collections.abc import Sequence
from dataclasses import dataclass

from load_tests.result import StepResult

GOODPUT_SHARE = 0.95

DEFINITION = (
    "The knee is the highest offered rate at which the server holds: at least "
    f"{GOODPUT_SHARE:.0%} of all calls are accepted and answered within the SLO, the accepted "
    "calls' p99 is within the SLO, too, and the server holds at every lower rate. Steps in which "
    "the generator was late are left out."
)


@dataclass(frozen=True)
class Knee:
    """The last step that held before the first that did not."""

    step: StepResult
    passed: bool
    """Whether a higher rate was offered and did not hold; else the knee lies further up."""

    def __str__(self) -> str:
        """Such as "at 80.0 calls/s"."""
        where = f"{self.step.offered:.1f} calls/s"
        return f"at {where}" if self.passed else f"not reached; above {where}"


def holds(step: StepResult, slo_ms: float) -> bool:
    """Whether a server bears a rate."""
    p99 = step.latency_ms["99"]
    return step.good >= GOODPUT_SHARE * step.calls and p99 is not None and p99 <= slo_ms


def find_knee(steps: Sequence[StepResult], slo_ms: float) -> Knee | None:
    """The knee; None where already the lowest rate is too much, or no step can be trusted."""
    found: StepResult | None = None
    for step in sorted((step for step in steps if step.trusted), key=lambda step: step.offered):
        if not holds(step, slo_ms):
            return found and Knee(found, passed=True)
        found = step
    return found and Knee(found, passed=False)
