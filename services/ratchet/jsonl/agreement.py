"""How often a judge prefers what was chosen, beside what costs nothing."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from ratchet.jsonl.preference import Preference
from ratchet.reward.agreement import (
    FOLDS,
    called_right,
    length_differences,
    length_matched,
    out_of_fold_tfidf_differences,
    resampled_means,
)
from ratchet.reward.marks import ComparedPair, prompt_key

FEWEST_PAIRS = 20
FEWEST_PROMPTS = FOLDS


class TooFew(ValueError):
    """Nothing could be said of so few pairs."""


@dataclass(frozen=True)
class Compared:
    """A pair, and the probabilities by which a judge prefers its chosen answer."""

    preference: Preference
    a_preferred: float
    shown_first: float
    """Where the chosen answer was shown first; the next where it was shown second."""
    shown_second: float
    subset: str = ""
    """The part of its data set; empty where none is named."""


@dataclass(frozen=True)
class Estimate:
    """A share, or a difference of two, with its 95% interval by bootstrap over prompts."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PartAgreement:
    """The judge's share on a part of the pairs; None where they are too few."""

    pairs: int
    prompts: int
    judge: Estimate | None


@dataclass(frozen=True)
class Agreement:
    """What a judge's comparisons of pairs come to, A always being the chosen answer."""

    pairs: int
    prompts: int
    judge: Estimate
    """Share of the pairs where the judge prefers the chosen answer; a tie counts half."""
    floors: dict[str, Estimate]
    """The same of "longer" and "shorter" (in words), and of "tfidf" where words are in common."""
    best_floor: str
    above_best_floor: Estimate
    """The judge's share less the best floor's on the same pairs."""
    brier: float
    """Mean squared difference of the probability to what was chosen; a coin has 0.25."""
    ties: int
    position_flips: float
    """Share of the pairs where the judge prefers another answer when the order is turned."""
    length_matched: PartAgreement
    """On the pairs whose answers have about as many words: there no judge can go by length."""
    subsets: dict[str, PartAgreement]
    """By name, in its order; pairs without a subset are in none."""


def measure(compared: Sequence[Compared]) -> Agreement:
    """The figures of pairs that were all compared.

    Raises:
        TooFew: they are fewer than 20, or of fewer than 5 prompts.
    """
    pairs = [_pair(each.preference) for each in compared]
    keys = [pair.prompt_key for pair in pairs]
    if _too_few(keys):
        raise TooFew(
            f"{len(pairs)} compared pairs of {len(set(keys))} prompts are too few for a figure: "
            f"{FEWEST_PAIRS} pairs of {FEWEST_PROMPTS} prompts are the fewest"
        )
    preferred_n, first_n, second_n = np.array(
        [(each.a_preferred, each.shown_first, each.shown_second) for each in compared]
    ).T
    longer_n = length_differences(pairs)
    differences = {"judge": preferred_n - 0.5, "longer": longer_n, "shorter": -longer_n}
    with suppress(ValueError):  # Too few words in common to make a vocabulary of.
        differences["tfidf"] = out_of_fold_tfidf_differences(pairs)
    names = list(differences)
    right_nJ = np.stack([called_right(d, np.ones(len(pairs))) for d in differences.values()], 1)
    means_J, resampled_RJ = right_nJ.mean(axis=0), resampled_means(right_nJ, keys, seed=0)
    best = 1 + int(means_J[1:].argmax())
    estimates = {name: _estimate(means_J[j], resampled_RJ[:, j]) for j, name in enumerate(names)}
    return Agreement(
        pairs=len(pairs),
        prompts=len(set(keys)),
        judge=estimates.pop("judge"),
        floors=estimates,
        best_floor=names[best],
        above_best_floor=_estimate(
            means_J[0] - means_J[best], resampled_RJ[:, 0] - resampled_RJ[:, best]
        ),
        brier=float(np.square(1 - preferred_n).mean()),
        ties=int((preferred_n == 0.5).sum()),
        position_flips=float(((first_n - 0.5) * (second_n - 0.5) < 0).mean()),
        length_matched=_part(right_nJ[:, 0], keys, np.flatnonzero(length_matched(pairs)).tolist()),
        subsets=_subsets(right_nJ[:, 0], keys, [each.subset for each in compared]),
    )


def _subsets(
    right_n: np.ndarray, keys: Sequence[str], subsets: Sequence[str]
) -> dict[str, PartAgreement]:
    return {
        name: _part(right_n, keys, [row for row, of in enumerate(subsets) if of == name])
        for name in sorted(set(subsets) - {""})
    }


def _part(right_n: np.ndarray, keys: Sequence[str], rows: Sequence[int]) -> PartAgreement:
    right_m, keys_m = right_n[rows], [keys[row] for row in rows]
    judge = None
    if not _too_few(keys_m):
        resampled_R1 = resampled_means(right_m[:, None], keys_m, seed=0)
        judge = _estimate(right_m.mean(), resampled_R1[:, 0])
    return PartAgreement(len(rows), len(set(keys_m)), judge)


def _too_few(prompt_keys: Sequence[str]) -> bool:
    return len(prompt_keys) < FEWEST_PAIRS or len(set(prompt_keys)) < FEWEST_PROMPTS


def _pair(preference: Preference) -> ComparedPair:
    return ComparedPair(
        prompt_key=prompt_key([(turn["role"], turn["content"]) for turn in preference.prompt]),
        features_a=np.zeros(0),
        features_b=np.zeros(0),
        outcome=1.0,
        text_a=preference.chosen,
        text_b=preference.rejected,
    )


def _estimate(value: float, resampled_R: np.ndarray) -> Estimate:
    low, high = np.quantile(resampled_R, [0.025, 0.975])
    return Estimate(float(value), float(low), float(high))
