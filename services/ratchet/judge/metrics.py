"""Every metric of the judge."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)

ITEMS = Counter(
    "ratchet_judge_items_total",
    "Answers judged, by where they came from and whether they have a score.",
    ["source", "outcome"],
)
REFUSED = Counter(
    "ratchet_judge_refused_total",
    "Units of work that never reached the model: overloaded, share, expired or cancelled.",
    ["reason"],
)
QUEUED_TOKENS = Gauge("ratchet_judge_queued_tokens", "Tokens that wait for the model.")
QUEUED_SECONDS = Histogram(
    "ratchet_judge_queued_seconds",
    "Time that what came together waited for the model, once for each batch that it was in.",
    buckets=SECONDS,
)
MODEL_SECONDS = Histogram(
    "ratchet_judge_model_seconds", "Time that the model took for one batch.", buckets=SECONDS
)
BATCH_TOKENS = Histogram(
    "ratchet_judge_batch_tokens",
    "Tokens of one batch.",
    buckets=(64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384),
)
PREFIX_TOKENS = Counter(
    "ratchet_judge_prefix_tokens_total",
    "Tokens of prompts that judges of kind model were asked about without padding, by whether their"
    " keys and values were known (hit) or computed (miss).",
    ["result"],
)
GROUPS = Counter("ratchet_judge_groups_total", "Rollout groups passed on to the topic judgements.")
LEASE_SECONDS = Counter(
    "ratchet_judge_lease_wait_seconds_total", "Time that rollouts waited for the compute lease."
)
SERVED_VERSION = Gauge(
    "ratchet_judge_served_version", "The judge version in force; 0 before any was proven."
)
