"""How far each labeler is to be trusted, by how far everybody's marks bear out the labeler's."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import permutations

import numpy as np
from sklearn.metrics import cohen_kappa_score

from ratchet.reward.labeler import Labeler
from ratchet.reward.marks import MarkedAnswer

CARELESS = 0.1
"""Prior chance that a labeler is careless, to any degree."""

DEGREES_D = np.linspace(0, 1, 41)
TURNS = 5
SURE = 0.99
"""No mark is expected with more: one slip of the pen must not decide."""


def assess(
    marked: Sequence[MarkedAnswer], broken_NC: np.ndarray, expected_NC: np.ndarray
) -> list[Labeler]:
    """All labelers of N readings, by name.

    Of one who is careless to a degree d, a share d of all that is read is marked at random: a mark
    comes with the chance `mean + (1 - d) * signal`. A priori d is 0 with a chance of 0.9, and else
    anything between 0 and 1; the weight is the posterior mean of `1 - d`. (After Raykar et al.
    2010, JMLR 11, with one number where theirs has sensitivity and specificity.) Who marks the
    contrary fits d = 1 best. The signal is what is expected less the mean, stretched until the
    trusted labelers' marks bear it out, which takes turns with the weights.

    Args:
        marked: the readings.
        broken_NC: what was marked, of C criteria.
        expected_NC: probabilities of being marked, by a fit that has not seen the answer's prompt.
    """
    mean_C = broken_NC.mean(axis=0)
    marks_NC, signal_NC = broken_NC - mean_C, expected_NC - mean_C
    shared_N, power_N = (marks_NC * signal_NC).sum(axis=1), np.square(signal_NC).sum(axis=1)
    names, labeler_N = np.unique([mark.labeler for mark in marked], return_inverse=True)
    weights_L = np.ones(len(names))
    for _ in range(TURNS):
        weights_N = weights_L[labeler_N]
        power = weights_N @ power_N
        stretch = max(weights_N @ shared_N / power, 0.0) if power else 0.0
        weights_L = np.array(
            [
                _weight(broken_NC[labeler_N == i], mean_C, stretch * signal_NC[labeler_N == i])
                for i in range(len(names))
            ]
        )
    kappas = _kappas(marked, broken_NC)
    return [
        Labeler(str(name), int((labeler_N == i).sum()), *kappas[name], float(weights_L[i]))
        for i, name in enumerate(names)
    ]


def _weight(broken_nC: np.ndarray, mean_C: np.ndarray, signal_nC: np.ndarray) -> float:
    if not signal_nC.any():
        return 1.0  # Nothing can be predicted: nobody is known to be careless.
    chance_DnC = mean_C + (1 - DEGREES_D[:, None, None]) * signal_nC
    chance_DnC = np.clip(np.where(broken_nC > 0, chance_DnC, 1 - chance_DnC), 1 - SURE, SURE)
    fit_D = np.log(chance_DnC).sum(axis=(1, 2))
    prior_D = np.full(len(DEGREES_D), CARELESS / len(DEGREES_D))
    prior_D[0] += 1 - CARELESS
    posterior_D = prior_D * np.exp(fit_D - fit_D.max())
    return float((1 - DEGREES_D) @ posterior_D / posterior_D.sum())


def _kappas(
    marked: Sequence[MarkedAnswer], broken_NC: np.ndarray
) -> dict[str, tuple[int, float | None]]:
    """Of each labeler the answers that others have read too, and the kappa with those readings."""
    readings: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row, mark in enumerate(marked):
        readings[mark.answer_id][mark.labeler] = row
    pairs: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    repeated: Counter[str] = Counter()
    for by_labeler in readings.values():
        repeated.update(by_labeler.keys() if len(by_labeler) > 1 else ())
        for name, other in permutations(by_labeler, 2):
            pairs[name].append((by_labeler[name], by_labeler[other]))
    names = {mark.labeler for mark in marked}
    return {name: (repeated[name], _kappa(broken_NC, pairs[name])) for name in names}


def _kappa(broken_NC: np.ndarray, pairs: Sequence[tuple[int, int]]) -> float | None:
    own, others = (broken_NC[[rows[side] for rows in pairs]].ravel() for side in (0, 1))
    if len({*own, *others}) < 2:  # All alike: chance agrees as well.
        return None
    return float(cohen_kappa_score(own, others))
