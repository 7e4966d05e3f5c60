"""Marks and votes to heads: what makes a judge version. Takes seconds."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress

import numpy as np

from ratchet.reward.criterion_checks import fields_of
from ratchet.reward.heads import Heads, HeadsSettings
from ratchet.reward.labeler import Labeler
from ratchet.reward.logistic import FOLDS, fit_logistic, out_of_fold_probabilities
from ratchet.reward.marks import ComparedPair, MarkedAnswer, detection_rate
from ratchet.reward.sentences import Sentences, own_features, seen_by_criteria
from ratchet.reward.trust import assess
from ratchet.v1.standard_pb2 import Standard

COPIES = 8
"""Bootstrap copies of every head."""

PENALTY = 1.0
"""Ridge penalty for each feature, against the summed loss; features are standardised."""

SENTENCE_SCALE = 12.0
"""How many times a criterion's own sentence counts beside any other feature.

A few features that a person's words point to are a better guess than thousands that nothing does.
"""

HALF = 0.5
"""Whoever's marks weigh no more says nothing of how often a broken criterion is noticed, nor of
whether there are marks enough."""

FEWEST_MARKS = 6
"""A criterion marked on fewer answers, or left unmarked on fewer, stays unknown."""


def fit_heads(
    marked: Sequence[MarkedAnswer],
    votes: Sequence[ComparedPair],
    standard: Standard,
    sentences: Sentences,
    seed: int,
    obeys_checks: bool = False,
) -> Heads:
    """Fits every head on all marks and, K times, on prompts drawn with replacement.

    Marks and votes count as far as their labeler is to be trusted (`reward.trust`).

    The features are those of a trunk that was given the `sentences`: of the standard's criteria, in
    their order. A criterion's head sees its own sentence, and no other.

    `obeys_checks`: where a criterion of the standard has a check, that tells in place of its head.

    Raises ValueError where no criterion that people mark has enough marks.
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
    known_C = _known(broken_NC)
    seen_CF = seen_by_criteria(sentences, features)
    labelers = _labelers(marked, standardised_NF, broken_NC[:, known_C], penalty, seen_CF[known_C])
    trust = {labeler.name: labeler.weight for labeler in labelers}
    trusted_N = np.array([trust[mark.labeler] > HALF for mark in marked])
    known_C = _known(broken_NC[trusted_N])
    marked = [replace(mark, weight=mark.weight * trust[mark.labeler]) for mark in marked]
    votes = [replace(vote, weight=vote.weight * trust.get(vote.labeler, 1.0)) for vote in votes]
    draws_NK = bootstrap_draws(marked, seed)
    criteria = fit_logistic(
        standardised_NF,
        np.repeat(broken_NC, COPIES + 1, axis=1),
        np.tile(draws_NK, (1, len(ids))),
        penalty,
        np.repeat(seen_CF, COPIES + 1, axis=0),
    )
    settings = HeadsSettings(
        standard_id=standard.standard_id,
        standard_version=standard.version,
        criterion_ids=ids,
        criterion_weights=tuple(criterion.weight for criterion in standard.criteria),
        known=tuple(bool(known) for known in known_C),
        detection_rate=detection_rate(list(compress(marked, trusted_N))),
        marked_answers=len(marked),
        labelers=tuple(labelers),
        sentences=sentences,
        checks=fields_of(standard) if obeys_checks else (),
    )
    heads = Heads(
        settings,
        {
            "mean_F": mean_F,
            "scale_F": scale_F,
            "criteria_CKF": criteria.reshape(len(ids), COPIES + 1, -1),
            "preference_KF": fit_preference(votes, scale_F, shared_F, penalty, seed),
            "anchor_score_K": np.zeros(COPIES + 1),
            "anchor_preference_K": np.zeros(COPIES + 1),
        },
    )
    heads.centre(features_NF)
    return heads


def _known(broken_NC: np.ndarray) -> np.ndarray:
    """Of which criteria there are marks enough to fit a head."""
    counts_C = broken_NC.sum(axis=0)
    return (counts_C >= FEWEST_MARKS) & (len(broken_NC) - counts_C >= FEWEST_MARKS)


def _labelers(
    marked: Sequence[MarkedAnswer],
    standardised_NF: np.ndarray,
    broken_NC: np.ndarray,
    penalty: float,
    seen_CF: np.ndarray,
) -> list[Labeler]:
    """All labelers, by the criteria that are known."""
    keys = [mark.prompt_key for mark in marked]
    expected_NC = np.zeros_like(broken_NC)
    if broken_NC.size and len({mark.labeler for mark in marked}) > 1 and len({*keys}) >= FOLDS:
        expected_NC = out_of_fold_probabilities(standardised_NF, broken_NC, keys, penalty, seen_CF)
    return assess(marked, broken_NC, expected_NC)


def fit_preference(
    votes: Sequence[ComparedPair],
    scale_F: np.ndarray,
    shared_F: np.ndarray,
    penalty: float,
    seed: int,
) -> np.ndarray:
    """Bradley-Terry heads on differences of features, in units of `scale_F`.

    [K, F + 1], the fit on all votes first and its bootstrap copies behind; the intercept, which
    would mean that A is better for being A, is zero. All zero where nobody voted.
    """
    if not votes:
        return np.zeros((COPIES + 1, len(scale_F) + 1))
    differences_NF = np.stack([vote.features_a - vote.features_b for vote in votes]) / scale_F
    outcomes_N1 = np.array([[vote.outcome] for vote in votes])
    draws_NK = bootstrap_draws(votes, seed)
    return fit_logistic(
        differences_NF,
        np.repeat(outcomes_N1, COPIES + 1, axis=1),
        draws_NK,
        penalty,
        np.tile(shared_F, (COPIES + 1, 1)),
        intercept=False,
    )


def bootstrap_draws(rows: Sequence[MarkedAnswer] | Sequence[ComparedPair], seed: int) -> np.ndarray:
    """[N, 1 + K]: how much a row counts: its weight, times its prompt's draws behind column 0."""
    _, prompt_N = np.unique(np.array([row.prompt_key for row in rows]), return_inverse=True)
    prompts = int(prompt_N.max()) + 1
    random = np.random.default_rng(seed)
    draws_KP = random.multinomial(prompts, np.full(prompts, 1 / prompts), size=COPIES)
    weights_N1 = np.array([[row.weight] for row in rows])
    return weights_N1 * np.concatenate([np.ones((len(rows), 1)), draws_KP.T[prompt_N]], axis=1)
