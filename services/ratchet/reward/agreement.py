"""How well scores agree with people, and the floors that a judge must beat."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from ratchet.reward.logistic import fit_logistic
from ratchet.reward.marks import ComparedPair

RESAMPLES = 1000


def auc(scores_n: np.ndarray, positive_n: np.ndarray) -> float:
    """Chance that a positive outranks a negative, ties counting half; NaN without both kinds."""
    positives, negatives = scores_n[positive_n], scores_n[~positive_n]
    if not len(positives) or not len(negatives):
        return float("nan")
    above = (positives[:, None] > negatives[None, :]).mean()
    level = (positives[:, None] == negatives[None, :]).mean()
    return float(above + level / 2)


def mean_auc(broken_nC: np.ndarray, marked_nC: np.ndarray) -> float:
    """Mean over the criteria of the AUC of predicted against marked; unknown criteria count .5.

    A criterion weighs as much as its marks tell: by the harmonic mean of marked and unmarked
    answers, to which the variance of an AUC is about inverse. One with three marks would otherwise
    add as much noise as the rest together.
    """
    marked_C = marked_nC.sum(axis=0)
    weights_C = marked_C * (len(marked_nC) - marked_C) / max(len(marked_nC), 1)
    if not weights_C.any():
        return 0.5
    aucs = [
        0.5 if np.isnan(broken_nC[:, c]).any() else auc(broken_nC[:, c], marked_nC[:, c])
        for c in np.flatnonzero(weights_C)
    ]
    return float(np.average(aucs, weights=weights_C[weights_C > 0]))


def mean_auc_bound(
    broken_nC: np.ndarray, marked_nC: np.ndarray, prompt_keys: Sequence[str], seed: int
) -> float:
    """One-sided 95% lower bound of `mean_auc`, by bootstrap over prompts."""
    _, prompt_n = np.unique(np.array(prompt_keys), return_inverse=True)
    rows_of: list[np.ndarray] = [
        np.flatnonzero(prompt_n == prompt) for prompt in range(prompt_n.max() + 1)
    ]
    random = np.random.default_rng(seed)
    values: list[float] = []
    for _ in range(RESAMPLES):
        drawn = random.integers(len(rows_of), size=len(rows_of))
        rows = np.concatenate([rows_of[prompt] for prompt in drawn])
        values.append(mean_auc(broken_nC[rows], marked_nC[rows]))
    return float(np.quantile(values, 0.05))


def pair_agreement(differences_n: np.ndarray, outcomes_n: np.ndarray) -> float:
    """Share of decided pairs that the sign of the difference calls right; a difference of 0, half.

    Outcomes are 1 (A), 0 (B) or 0.5 (undecided: left out). NaN without a decided pair.
    """
    decided_n = outcomes_n != 0.5
    if not decided_n.any():
        return float("nan")
    called_n = (np.sign(differences_n[decided_n]) + 1) / 2
    return float(1 - np.abs(called_n - outcomes_n[decided_n]).mean())


def length_differences(pairs: Sequence[ComparedPair]) -> np.ndarray:
    """Words of A less words of B: the floor "longer" as it is, "shorter" with its sign turned."""
    return np.array([len(pair.text_a.split()) - len(pair.text_b.split()) for pair in pairs])


def tfidf_differences(train: Sequence[ComparedPair], pairs: Sequence[ComparedPair]) -> np.ndarray:
    """Differences of a Bradley-Terry score on TF-IDF, fitted on `train`: the third floor."""
    vectorizer: Any = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    vectorizer.fit([text for pair in train for text in (pair.text_a, pair.text_b)])

    def differences(of: Sequence[ComparedPair]) -> np.ndarray:
        a = vectorizer.transform([pair.text_a for pair in of])
        b = vectorizer.transform([pair.text_b for pair in of])
        return (a - b).toarray()

    outcomes_n1 = np.array([[pair.outcome] for pair in train])
    weights = fit_logistic(differences(train), outcomes_n1, np.ones_like(outcomes_n1), penalty=1.0)
    return differences(pairs) @ weights[0, :-1]
