"""Marks to a critic: its heads, and from which probability on it points. Takes seconds."""

from collections.abc import Sequence

import numpy as np

from ratchet.critic.critic import Critic
from ratchet.reward.fit import bootstrap_draws, fit_heads
from ratchet.reward.heads import Heads
from ratchet.reward.marks import MarkedAnswer
from ratchet.reward.sentences import Sentences
from ratchet.reward.trunk import Trunk
from ratchet.v1.standard_pb2 import Standard

EVEN = 0.5
"""The threshold where marks tell of none: what is more likely broken than not is pointed at."""

CHANCE = 0.05
"""Of a threshold of its own for a criterion that the heads cannot tell."""


def fit_critic(
    trunk: Trunk,
    marked: Sequence[MarkedAnswer],
    standard: Standard,
    sentences: Sentences,
    seed: int,
) -> Critic:
    """Fits heads on all marks, and thresholds on what copies say that did not see the marks.

    A criterion's threshold has the highest balanced accuracy by the marks. Where readers miss a
    share of what is broken, and mark a share of what is not, that is the same place as by the truth
    (both shares only scale it: Menon et al. 2015, "Learning from corrupted binary labels").

    Raises:
        ValueError: no criterion has enough marks.
    """
    heads = fit_heads(marked, [], standard, sentences, seed)
    marked_NC = np.array([[name in mark.broken for name in heads.criterion_ids] for mark in marked])
    thresholds = [
        threshold(broken_N, marked_N)
        for broken_N, marked_N in zip(_unseen(heads, marked, seed).T, marked_NC.T, strict=True)
    ]
    return Critic(trunk, heads, thresholds)


def _unseen(heads: Heads, marked: Sequence[MarkedAnswer], seed: int) -> np.ndarray:
    """Of every mark the mean [N, C] of the copies whose bootstrap left its prompt out; NaN: none.

    These are fitted on as many prompts as the heads themselves, and so are as sure as they.
    """
    said_NCK = heads.score(np.stack([mark.features for mark in marked])).broken_bootstrap_nCK
    left_out_N1K = (bootstrap_draws(marked, seed)[:, 1:] == 0)[:, None, :]
    with np.errstate(invalid="ignore"):
        return np.where(left_out_N1K, said_NCK, 0.0).sum(axis=2) / left_out_N1K.sum(axis=2)


def threshold(broken_N: np.ndarray, marked_N: np.ndarray) -> float:
    """The probability from which on flags have the highest balanced accuracy by the marks.

    NaN is left out. `EVEN` where the best threshold tells marked answers from others no better
    than chance may: by the one-sided test of Smirnov, whose statistic the best gain is. Of a
    criterion that few answers break most marks are wrong, and its flags would only mislead.
    """
    known_N = ~np.isnan(broken_N)
    broken_n, marked_n = broken_N[known_N], marked_N[known_N]
    if not marked_n.any() or marked_n.all():
        return EVEN
    options_T = np.unique(broken_n)
    flagged_Tn = broken_n >= options_T[:, None]
    gain_T = flagged_Tn[:, marked_n].mean(axis=1) - flagged_Tn[:, ~marked_n].mean(axis=1)
    best = int(gain_T.argmax())
    size = marked_n.sum() * (~marked_n).sum() / len(marked_n)
    by_chance = np.exp(-2 * size * max(gain_T[best], 0.0) ** 2)
    return float(options_T[best]) if by_chance < CHANCE else EVEN
