"""Every metric of the policy service."""

from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram

from ratchet.v1.prompt_pb2 import Purpose
from ratchet.v1.rollout_pb2 import Completion

SERVED_VERSION = Gauge(
    "ratchet_policy_served_version", "Version of the policy whose weights are being served."
)
COMPLETIONS = Counter(
    "ratchet_policy_completions_total",
    "Answers sampled, by what they were for (interactive: a gRPC call).",
    ["purpose"],
)
TOKENS = Counter(
    "ratchet_policy_tokens_total",
    "Tokens sampled, by what they were for (interactive: a gRPC call).",
    ["purpose"],
)
PROMPTS_WAITING = Gauge(
    "ratchet_policy_prompts_waiting", "Prompts read from a topic and not begun.", ["purpose"]
)
BUDGET_GROUPS = Gauge(
    "ratchet_policy_budget_groups",
    "Training groups that may still be sampled under the version being served.",
)
STALLS = Counter(
    "ratchet_policy_stalls_total",
    "Times that no new version came for so long that the budget was granted anew.",
)
LEASE_WAIT_SECONDS = Gauge(
    "ratchet_policy_lease_wait_seconds", "Time spent waiting for the compute lease so far."
)
TURN_SECONDS = Histogram(
    "ratchet_policy_turn_seconds",
    "Time of one turn at answering prompts from the topics, the lease held.",
    buckets=(1, 2, 5, 10, 20, 30, 60, 120),
)
CALL_SECONDS = Histogram(
    "ratchet_policy_call_seconds",
    "Time to answer one Generate call that did not fail.",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30),
)
SWAPS = Counter(
    "ratchet_policy_swaps_total",
    "Announced versions, by whether they were swapped in or rejected before that.",
    ["result"],
)
SWAP_PAUSE_SECONDS = Histogram(
    "ratchet_policy_swap_pause_seconds",
    "Time for which sampling was paused to change the weights.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)

INTERACTIVE = "interactive"


def label(purpose: Purpose) -> str:
    """The label of a purpose, such as "train"."""
    return Purpose.Name(purpose).removeprefix("PURPOSE_").lower()


def count_answers(purpose: str, completions: Sequence[Completion]) -> None:
    """Counts answers and their tokens."""
    COMPLETIONS.labels(purpose).inc(len(completions))
    TOKENS.labels(purpose).inc(sum(len(c.token_ids) // 4 for c in completions))
