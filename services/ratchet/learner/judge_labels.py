"""What a judge version, and the floors, say of pairs that people have voted on."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ratchet.autonomy.label import Label
from ratchet.reward.marks import ComparedPair

if TYPE_CHECKING:
    from ratchet.reward.heads import Heads, Verdict

log = logging.getLogger(__name__)

PRIOR = 0.1
"""What the first guess of a scale weighs, in votes or so."""

LEAST_SCALE = 1e-3
NEWTON_STEPS = 5


class ScoreScale:
    """From a difference of scores to the probability that A is better: sigmoid(scale * difference).

    The scale is the likeliest by the votes added so far, about 1 before the first; so what is said
    of a vote never depends on that vote.
    """

    def __init__(self) -> None:
        self._differences: list[float] = []
        self._outcomes: list[float] = []
        self._scale = 1.0

    def probability(self, difference: float) -> float:
        """That A is better; above 0.5 exactly where the difference is above 0."""
        return float(_sigmoid(np.array(self._scale * difference)))

    def add(self, difference: float, outcome: float) -> None:
        """Take in a vote: 1 for A, 0 for B, 0.5 for neither."""
        self._differences.append(difference)
        self._outcomes.append(outcome)
        differences, outcomes = np.array(self._differences), np.array(self._outcomes)
        for _ in range(NEWTON_STEPS):
            expected = _sigmoid(self._scale * differences)
            slope = ((outcomes - expected) * differences).sum() - PRIOR * (self._scale - 1)
            curvature = (expected * (1 - expected) * differences**2).sum() + PRIOR
            self._scale = max(self._scale + slope / curvature, LEAST_SCALE)


def judge_labels(
    heads: "Heads",
    train: Sequence[ComparedPair],
    held_out: Sequence[ComparedPair],
    at_random: Sequence[bool],
    verdicts: "Sequence[tuple[Verdict, Verdict]]" = (),
) -> list[Label]:
    """Of each held-out pair what people, the judge and the floors say, in the pairs' order.

    Only the votes and texts of `train` are read, for the TF-IDF floor, which is left out where they
    have too few words. The judge scores each answer by itself, so that no swap can flip its choice.
    `verdicts`: of both answers of each held-out pair, where the standard has checks.
    """
    from ratchet.reward.agreement import length_differences, tfidf_differences

    if not held_out:
        return []
    longer_n = length_differences(held_out)
    floors = {"longer": longer_n, "shorter": -longer_n}
    try:
        floors["tfidf"] = tfidf_differences(train, held_out)
    except ValueError:
        log.info("too few words for the TF-IDF floor")
    score_a, score_b = pair_scores(heads, held_out, verdicts)
    # In a unit of their own, so that a scale of about 1 is a fair first guess.
    differences = score_a - score_b
    differences = differences / (np.sqrt(np.square(differences).mean()) or 1.0)
    scale, labels = ScoreScale(), list[Label]()
    for row, (pair, picked_at_random) in enumerate(zip(held_out, at_random, strict=True)):
        labels.append(
            Label(
                vote=pair.outcome,
                probability=scale.probability(differences[row]),
                at_random=picked_at_random,
                floors={name: _choice(values[row]) for name, values in floors.items()},
            )
        )
        scale.add(differences[row], pair.outcome)
    return labels


def pair_scores(
    heads: "Heads", pairs: Sequence[ComparedPair], verdicts: "Sequence[tuple[Verdict, Verdict]]"
) -> tuple[np.ndarray, np.ndarray]:
    """The judge's scores of A and of B, for each pair; `verdicts` as `judge_labels`."""
    a, b = (
        heads.score(np.stack([pair.features_a for pair in pairs])),
        heads.score(np.stack([pair.features_b for pair in pairs])),
    )
    if heads.checks:
        a = heads.obey(a, [of_a for of_a, _ in verdicts])
        b = heads.obey(b, [of_b for _, of_b in verdicts])
    return a.score_n, b.score_n


def _choice(difference: float) -> float:
    return float((np.sign(difference) + 1) / 2)


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -50, 50)))
