"""10,000 streams at the edge of what must be disproved, with a look after every label."""

import numpy as np
import pytest
from benchmarks.gate.bettors import NEVER, grid, waiting, waiting_wealths
from benchmarks.gate.fixed_tests import clopper_pearson, hoeffding, peeking_binomial
from scipy.stats import beta

from ratchet.autonomy.change import ChangeWealth
from ratchet.autonomy.settings import GateSettings
from ratchet.autonomy.wealth import PROOF, Tally

STREAMS, LABELS = 10_000, 600
THRESHOLDS = [GateSettings().assisted_agreement, GateSettings().autonomous_agreement]


def share(rejected_S: np.ndarray) -> tuple[float, float]:
    """Of the streams, and its one-sided 95% upper bound (Clopper and Pearson)."""
    count = int(rejected_S.sum())
    return count / len(rejected_S), beta.ppf(0.95, count + 1, len(rejected_S) - count)


def agreed(agreement: float, ties: float = 0.0, streams: int = STREAMS, seed: int = 0):
    """Outcomes 1, 0 and 0.5 with `agreement` as their mean; `ties` is the share of 0.5."""
    uniform_ST = np.random.default_rng(seed).random((streams, LABELS))
    right = agreement - ties / 2
    return np.where(uniform_ST < right, 1.0, np.where(uniform_ST < right + ties, 0.5, 0.0))


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("ties", [0.0, 0.3])
def test_a_judge_at_the_threshold_is_seldom_promoted(threshold: float, ties: float) -> None:
    false, at_most = share(grid(agreed(threshold, ties), threshold) != NEVER)
    assert 0.005 < false <= at_most < 0.05


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_a_judge_at_the_threshold_is_seldom_taken_back(threshold: float) -> None:
    false, at_most = share(waiting(1 - agreed(threshold), 1 - threshold) != NEVER)
    assert 0.002 < false <= at_most < 0.05


def test_answers_at_the_limit_are_seldom_called_drift() -> None:
    """Five quantities at their limits at once; the gate watches the mean of the wealths."""
    random, limit = np.random.default_rng(0), 0.5
    watched = [random.beta(2, 2, (STREAMS, 200)) for _ in range(5)]
    alarmed_S = np.zeros(STREAMS, bool)
    for wealths in zip(*(waiting_wealths(values, limit) for values in watched), strict=True):
        alarmed_S |= np.mean(wealths, axis=0) >= PROOF
    assert share(alarmed_S)[1] < 0.05


def test_the_same_test_made_for_one_look_promotes_many() -> None:
    outcomes_ST = agreed(0.6)
    assert share(peeking_binomial(outcomes_ST, 0.6) != NEVER)[0] > 0.2
    for paid in (clopper_pearson, hoeffding):
        assert share(paid(outcomes_ST, 0.6) != NEVER)[1] < 0.05


def test_what_was_simulated_is_what_the_gate_does() -> None:
    outcomes_ST = agreed(0.75, ties=0.2, streams=20, seed=1)
    for simulated, bettor, wealth in (
        (grid(outcomes_ST, 0.6), Tally, lambda t: t.wealth(0.6)),
        (waiting(outcomes_ST, 0.6), lambda: ChangeWealth(mean=0.6), lambda c: c.wealth),
    ):
        for outcomes_T, reached in zip(outcomes_ST[:5], simulated[:5], strict=True):
            one, first = bettor(), NEVER
            for t, outcome in enumerate(outcomes_T, start=1):
                one.add(outcome)
                if first == NEVER and wealth(one) >= PROOF:
                    first = t
            assert first == reached
