"""What is chosen, chosen by folds of the training prompts."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from benchmarks.agreement.callers import Caller, Pairs
from benchmarks.agreement.split import FOLDS, fold

Key = TypeVar("Key")


def out_of_fold(caller: Caller, pairs: Pairs) -> np.ndarray:
    """Every pair as called by what the other folds' prompts taught."""
    found_n = np.zeros(len(pairs))
    fold_n = np.array([fold(pair.prompt_key) for pair in pairs])
    for held_out in range(FOLDS):
        train, asked = fold_n != held_out, np.flatnonzero(fold_n == held_out)
        if len(asked):
            found_n[asked] = caller(
                [pairs[i] for i in np.flatnonzero(train)], [pairs[i] for i in asked]
            )
    return found_n


def log_loss(log_odds_n: np.ndarray, pairs: Pairs) -> float:
    """Mean cross entropy of the votes; knowing nothing costs 0.693."""
    sign_n = np.array([2 * pair.outcome - 1 for pair in pairs])
    return float(np.logaddexp(0, -sign_n * log_odds_n).mean())


def lowest_loss(callers: Mapping[Key, Caller], pairs: Pairs) -> Key:
    """The one that calls held-out folds best."""
    return min(callers, key=lambda key: log_loss(out_of_fold(callers[key], pairs), pairs))


def tuned(callers: Mapping[Key, Caller]) -> Caller:
    """The one that calls held-out folds of what it learns from best."""
    return lambda train, asked: callers[lowest_loss(callers, train)](train, asked)
