"""What people's written critiques tell the judge: the ceiling of help.

Critiques are of the first answer alone, so that only its pairs are asked, with it as A. That a
critique stands there says nothing: all fits have an intercept, which learns how often a first
answer is the better one.
"""

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.agreement.callers import Caller, Pairs
from benchmarks.agreement.question import Question
from ratchet.reward.logistic import fit_logistic
from ratchet.reward.marks import ComparedPair

BEHIND = "\n\nA reader's critique:\n"


def critiqued(question: Question) -> str:
    """The first answer with what a person wrote of it behind."""
    return question.answers[0] + BEHIND + question.critiques[0]


def first_answer_pairs(
    questions: Sequence[Question],
    features: Sequence[np.ndarray],
    critiqued_features: Sequence[np.ndarray],
) -> Pairs:
    """Pairs of the first answer, with features [2F]: as read alone, and what the critique adds."""
    found: list[ComparedPair] = []
    for question, plain_nF, helped_nF in zip(questions, features, critiqued_features, strict=True):
        added_nF = np.zeros_like(plain_nF)
        added_nF[0] = helped_nF[0] - plain_nF[0]
        pairs = question.pairs(np.concatenate([plain_nF, added_nF], axis=1))
        found += [pair for vote, pair in zip(question.votes, pairs, strict=True) if vote.a == 0]
    return found


def without(features_n2F: np.ndarray) -> np.ndarray:
    """Answers as they are read alone."""
    return np.split(features_n2F, 2, axis=1)[0]


def in_place(features_n2F: np.ndarray) -> np.ndarray:
    """The first answer as it is read with its critique behind."""
    return sum(np.split(features_n2F, 2, axis=1))


def beside(features_n2F: np.ndarray) -> np.ndarray:
    """Both, side by side."""
    return features_n2F


def judge(penalty: float, seen: Callable[[np.ndarray], np.ndarray]) -> Caller:
    """As `callers.judge`, of what is seen, but A may be better for being A."""

    def differences(pairs: Pairs) -> np.ndarray:
        rows = np.stack([pair.features_a - pair.features_b for pair in pairs])
        return seen(rows.astype(np.float64))

    def call(train: Pairs, asked: Pairs) -> np.ndarray:
        differences_NF = differences(train)
        scale_F = differences_NF.std(axis=0) + 1e-3
        head = _head(differences_NF / scale_F, train, penalty * len(scale_F))
        return differences(asked) / scale_F @ head[:-1] + head[-1]

    return call


def remarks(questions: Sequence[Question]) -> Caller:
    """How many remarks the critique has, and no more: a floor."""
    count = {question.key: question.critiques[0].count("\n") + 1 for question in questions}

    def counts(pairs: Pairs) -> np.ndarray:
        return np.array([[float(count[pair.prompt_key])] for pair in pairs])

    def call(train: Pairs, asked: Pairs) -> np.ndarray:
        head = _head(counts(train), train, penalty=1.0)
        return counts(asked) @ head[:-1] + head[-1]

    return call


def always_first(train: Pairs, asked: Pairs) -> np.ndarray:
    """The answer that was critiqued is the better one: a floor."""
    return np.ones(len(asked))


def _head(inputs_NF: np.ndarray, train: Pairs, penalty: float) -> np.ndarray:
    outcomes_N1 = np.array([[pair.outcome] for pair in train])
    return fit_logistic(inputs_NF, outcomes_N1, np.ones_like(outcomes_N1), penalty)[0]
