"""Every metric of the feedback service."""

from prometheus_client import Counter, Gauge, Histogram

COMPARISONS_OFFERED = Counter(
    "ratchet_feedback_comparisons_offered_total",
    "Comparisons shown to a labeler, by why the pair was picked.",
    ["picked_because"],
)
PREFERENCES_ACCEPTED = Counter(
    "ratchet_feedback_preferences_accepted_total",
    "Preferences that Kafka acknowledged, by vote.",
    ["vote"],
)
PREFERENCES_REPEATED = Counter(
    "ratchet_feedback_preferences_repeated_total",
    "Submissions whose id had been accepted before.",
)
BROKEN_MARKS = Counter(
    "ratchet_feedback_broken_marks_total",
    "Criteria that labelers marked as broken.",
    ["standard_id", "criterion_id"],
)
STANDARD_VERSIONS = Counter(
    "ratchet_feedback_standard_versions_total", "Versions of standards stored by this process."
)
DELIVERY_FAILURES = Counter(
    "ratchet_feedback_delivery_failures_total",
    "Records that Kafka did not acknowledge in time.",
    ["topic"],
)
DELIVERY_SECONDS = Histogram(
    "ratchet_feedback_delivery_seconds",
    "Time until Kafka acknowledged a record.",
    ["topic"],
)
WAITING_PAIRS = Gauge("ratchet_feedback_waiting_pairs", "Pairs that nobody has labeled yet.")
MARKED_ANSWERS = Gauge(
    "ratchet_feedback_marked_answers",
    "Answers that labelers have marked since the standard's first label.",
    ["standard_id"],
)
LABELING_SECONDS = Histogram(
    "ratchet_feedback_labeling_seconds",
    "Time that a labeler took for one comparison, as the labeler reports it.",
    buckets=(1, 2, 5, 10, 20, 30, 60, 120, 300, 600),
)
PAGE_SECONDS = Histogram(
    "ratchet_feedback_page_seconds",
    "Time until the labeling page began to answer a request.",
    ["page"],
)
PAGE_REFUSED = Counter(
    "ratchet_feedback_page_refused_total",
    "Requests to the labeling page turned away, by the limit that they met.",
    ["reason"],
)
NOTICES = Counter(
    "ratchet_feedback_notices_total",
    "Notices to the owner, by the way that they went and whether they arrived.",
    ["channel", "outcome"],
)
