"""Every metric of the learner."""

from prometheus_client import Counter, Gauge

UPDATES = Counter("ratchet_learner_updates_total", "Policy updates applied.")
SKIPPED_UPDATES = Counter(
    "ratchet_learner_skipped_updates_total", "Policy updates skipped: loss or gradient not finite."
)
GROUPS_TRAINED = Counter("ratchet_learner_groups_trained_total", "Groups that an update has used.")
TRAINED_TOKENS = Counter(
    "ratchet_learner_trained_tokens_total", "Answer tokens in the loss of an update."
)
GROUPS_DISCARDED = Counter(
    "ratchet_learner_groups_discarded_total", "Groups that no update will use.", ["reason"]
)
GROUPS_WAITING = Gauge("ratchet_learner_groups_waiting", "Groups that wait for the next update.")
GRADED_ANSWERS = Counter("ratchet_learner_graded_answers_total", "Answers read with a score.")
CRITIQUED_GROUPS = Counter(
    "ratchet_learner_critiqued_groups_total", "Groups whose answers the critic has read for people."
)
CRITIC_SECONDS = Counter(
    "ratchet_learner_critic_seconds_total",
    "Seconds of the critic's work, by stage: `fit`, `critique`.",
    ["stage"],
)
MARKED_ANSWERS = Gauge("ratchet_learner_marked_answers", "Answers that people have marked.")
VERSION = Gauge("ratchet_learner_served_version", "Version in force.", ["role"])
FLOOR_VERSION = Gauge("ratchet_learner_floor_version", "Last proven version.", ["role"])
GATE_TESTS = Counter("ratchet_learner_gate_tests_total", "Tests of a version.", ["role", "outcome"])
ROLLBACKS = Counter("ratchet_learner_rollbacks_total", "Returns of the policy to its floor.")
MEAN_SCORE = Gauge(
    "ratchet_learner_mean_score_ratio", "Mean judge score of the newest trained batch, 0 to 1."
)
KL = Gauge("ratchet_learner_kl_nats", "KL to the first policy, per token, k3 estimate.")
LOGPROB_GAP = Gauge(
    "ratchet_learner_logprob_gap_nats",
    "Median distance between the learner's and the sampler's log-probability of a token.",
)
JUDGE_AGREEMENT = Gauge(
    "ratchet_learner_judge_agreement_ratio",
    "Agreement of the judge in force with held-out votes, 0 to 1.",
)
DISTINCT_ANSWERS = Gauge(
    "ratchet_learner_distinct_answers_ratio",
    "Share of the newest trained batch's answers that were given to one prompt alone, 0 to 1.",
)
ANSWER_OVERLAP = Gauge(
    "ratchet_learner_answer_overlap_ratio",
    "Share of word trigrams in common to two answers to different prompts of that batch, 0 to 1.",
)
CANARIES_MET = Gauge(
    "ratchet_learner_canaries_met_ratio",
    "Share of the canaries' checks that the version tested last meets, 0 to 1; NaN before one is.",
)
AUTONOMY = Gauge(
    "ratchet_learner_autonomy_state",
    "What the judge has earned: 1 learning, 2 assisted, 3 autonomous; 0 where the gate is off.",
)
STAGE_SECONDS = Counter(
    "ratchet_learner_stage_seconds_total", "Seconds spent, by stage.", ["stage"]
)
