"""How well scores agree with people, and the floors that a judge must beat."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from ratchet.reward.marks import ComparedPair

RESAMPLES = 1000

MATCHED = 0.1
"""Answers match in length where the shorter has at most this share of the words less."""

FOLDS = 5


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
    return float(called_right(differences_n[decided_n], outcomes_n[decided_n]).mean())


def called_right(differences_n: np.ndarray, outcomes_n: np.ndarray) -> np.ndarray:
    """For each decided pair 1 where the sign of the difference calls it, 0.5 where it is 0."""
    return 1 - np.abs((np.sign(differences_n) + 1) / 2 - outcomes_n)


def resampled_means(values_nJ: np.ndarray, prompt_keys: Sequence[str], seed: int) -> np.ndarray:
    """Means over the pairs of prompts drawn anew with replacement, 1000 times: [R, J].

    All columns are of the same draws, so that differences between them are paired.
    """
    prompts, prompt_n = np.unique(np.array(prompt_keys), return_inverse=True)
    pairs_P = np.bincount(prompt_n)
    sums_PJ = np.zeros((len(prompts), values_nJ.shape[1]))
    np.add.at(sums_PJ, prompt_n, values_nJ)
    random = np.random.default_rng(seed)
    means: list[np.ndarray] = []
    for _ in range(RESAMPLES):
        drawn = random.integers(len(prompts), size=len(prompts))
        times_P = np.bincount(drawn, minlength=len(prompts))
        means.append(times_P @ sums_PJ / (times_P @ pairs_P))
    return np.stack(means)


def length_differences(pairs: Sequence[ComparedPair]) -> np.ndarray:
    """Words of A less words of B: the floor "longer" as it is, "shorter" with its sign turned."""
    return np.array([len(pair.text_a.split()) - len(pair.text_b.split()) for pair in pairs])


def length_matched(pairs: Sequence[ComparedPair]) -> np.ndarray:
    """Which pairs, bool [n], are of answers that are about as long: neither floor knows them."""
    words_n2 = np.array(
        [(len(pair.text_a.split()), len(pair.text_b.split())) for pair in pairs]
    ).reshape(-1, 2)
    return words_n2.min(axis=1) >= (1 - MATCHED) * words_n2.max(axis=1)


def tfidf_differences(
    train: Sequence[ComparedPair], pairs: Sequence[ComparedPair], inverse_penalty: float = 1.0
) -> np.ndarray:
    """Differences of a Bradley-Terry score on TF-IDF, fitted on `train`: the third floor.

    Raises:
        ValueError: no two answers of `train` have a word in common.
    """
    vectorizer: Any = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    vectorizer.fit([text for pair in train for text in (pair.text_a, pair.text_b)])

    def differences(of: Sequence[ComparedPair]) -> Any:
        a = vectorizer.transform([pair.text_a for pair in of])
        return a - vectorizer.transform([pair.text_b for pair in of])

    # Each pair once as won and once as lost, weighted by its outcome. Without an intercept it does
    # not matter which answer is called A.
    outcomes_n = np.array([pair.outcome for pair in train])
    model = LogisticRegression(C=inverse_penalty, fit_intercept=False, max_iter=1000)
    model.fit(
        differences(train)[np.tile(np.arange(len(train)), 2)],
        np.repeat([1, 0], len(train)),
        sample_weight=np.concatenate([outcomes_n, 1 - outcomes_n]),
    )
    return differences(pairs) @ model.coef_[0]


def out_of_fold_tfidf_differences(pairs: Sequence[ComparedPair]) -> np.ndarray:
    """The third floor where there is nothing else to fit it on: by five folds of the prompts.

    Raises:
        ValueError: fewer than five prompts, or too few words in common.
    """
    differences_n = np.zeros(len(pairs))
    folds = GroupKFold(FOLDS).split(pairs, groups=[pair.prompt_key for pair in pairs])
    for train, held_out in folds:
        differences_n[held_out] = tfidf_differences(
            [pairs[i] for i in train], [pairs[i] for i in held_out]
        )
    return differences_n
