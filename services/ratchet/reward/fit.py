"""Marks and votes to heads: what makes a judge version. Takes seconds."""

from collections.abc import Sequence

import numpy as np

from ratchet.reward.heads import Heads, HeadsSettings
from ratchet.reward.logistic import fit_logistic
from ratchet.reward.marks import ComparedPair, MarkedAnswer, detection_rate
from ratchet.reward.sentences import Sentences, own_features, seen_by_criteria
from ratchet.v1.standard_pb2 import Standard

COPIES = 8
"""Bootstrap copies of every head."""

PENALTY = 1.0
"""Ridge penalty for each feature, against the summed loss; features are standardised."""

SENTENCE_SCALE = 12.0
"""How many times a criterion's own sentence counts beside any other feature.

A few features that a person's words point to are a better guess than thousands that nothing does.
"""

FEWEST_MARKS = 6
"""A criterion marked on fewer answers, or left unmarked on fewer, stays unknown."""


def fit_heads(
    marked: Sequence[MarkedAnswer],
    votes: Sequence[ComparedPair],
    standard: Standard,
    sentences: Sentences,
    seed: int,
) -> Heads:
    """Fits every head on all marks and, K times, on prompts drawn with replacement.

    The features are those of a trunk that was given the `sentences`: of the standard's criteria, in
    their order. A criterion's head sees its own sentence, and no other.

    Raises ValueError where no criterion has enough marks.
    """
    ids = tuple(criterion.criterion_id for criterion in standard.criteria)
    features_NF = np.stack([mark.features for mark in marked]).astype(np.float64)
    features = features_NF.shape[1]
    shared_F = np.arange(features) < features - sum(own_features(sentences))
    mean_F, scale_F = features_NF.mean(axis=0), features_NF.std(axis=0) + 1e-3
    scale_F[~shared_F] /= SENTENCE_SCALE
    penalty = PENALTY * shared_F.sum()
    standardised_NF = (features_NF - mean_F) / scale_F
    broken_NC = np.array([[name in mark.broken for name in ids] for mark in marked], dtype=float)
    counts_C = broken_NC.sum(axis=0)
    known_C = (counts_C >= FEWEST_MARKS) & (len(marked) - counts_C >= FEWEST_MARKS)
    draws_NK = bootstrap_draws(marked, seed)
    criteria = fit_logistic(
        standardised_NF,
        np.repeat(broken_NC, COPIES + 1, axis=1),
        np.tile(draws_NK, (1, len(ids))),
        penalty,
        np.repeat(seen_by_criteria(sentences, features), COPIES + 1, axis=0),
    )
    settings = HeadsSettings(
        standard_id=standard.standard_id,
        standard_version=standard.version,
        criterion_ids=ids,
        criterion_weights=tuple(criterion.weight for criterion in standard.criteria),
        known=tuple(bool(known) for known in known_C),
        detection_rate=detection_rate(marked),
        marked_answers=len(marked),
        sentences=sentences,
    )
    heads = Heads(
        settings,
        {
            "mean_F": mean_F,
            "scale_F": scale_F,
            "criteria_CKF": criteria.reshape(len(ids), COPIES + 1, -1),
            "preference_KF": _preference(votes, scale_F, shared_F, penalty, seed),
            "anchor_score_K": np.zeros(COPIES + 1),
            "anchor_preference_K": np.zeros(COPIES + 1),
        },
    )
    heads.centre(features_NF)
    return heads


def _preference(
    votes: Sequence[ComparedPair],
    scale_F: np.ndarray,
    shared_F: np.ndarray,
    penalty: float,
    seed: int,
) -> np.ndarray:
    """Bradley-Terry heads [K, F + 1] on differences of features; zero where nobody voted."""
    if not votes:
        return np.zeros((COPIES + 1, len(scale_F) + 1))
    differences_NF = np.stack([vote.features_a - vote.features_b for vote in votes]) / scale_F
    outcomes_N1 = np.array([[vote.outcome] for vote in votes])
    draws_NK = bootstrap_draws(votes, seed)
    # Each pair in both orders, so that the intercept, which means nothing here, is zero.
    return fit_logistic(
        np.concatenate([differences_NF, -differences_NF]),
        np.repeat(np.concatenate([outcomes_N1, 1 - outcomes_N1]), COPIES + 1, axis=1),
        np.concatenate([draws_NK, draws_NK]) / 2,
        penalty,
        np.tile(shared_F, (COPIES + 1, 1)),
    )


def bootstrap_draws(rows: Sequence[MarkedAnswer] | Sequence[ComparedPair], seed: int) -> np.ndarray:
    """[N, 1 + K]: how much a row counts: its weight, times its prompt's draws behind column 0."""
    _, prompt_N = np.unique(np.array([row.prompt_key for row in rows]), return_inverse=True)
    prompts = int(prompt_N.max()) + 1
    random = np.random.default_rng(seed)
    draws_KP = random.multinomial(prompts, np.full(prompts, 1 / prompts), size=COPIES)
    weights_N1 = np.array([[row.weight] for row in rows])
    return weights_N1 * np.concatenate([np.ones((len(rows), 1)), draws_KP.T[prompt_N]], axis=1)
