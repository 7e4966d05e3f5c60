"""How often a new judge chooses as people do in the hold-out, beside the floors."""

import logging
from collections.abc import Sequence

import numpy as np

from ratchet.reward.marks import ComparedPair

log = logging.getLogger(__name__)


def agreement_figures(
    judge_n: np.ndarray, votes: Sequence[ComparedPair], train: Sequence[ComparedPair]
) -> dict[str, float]:
    """Agreement with n held-out votes: the judge's, also where length tells nothing; the floors'.

    `judge_n` is above 0 where the judge likes A better. NaN where nobody has decided a pair.
    """
    from ratchet.reward.agreement import (
        length_differences,
        length_matched,
        pair_agreement,
        tfidf_differences,
    )

    outcomes_n, longer_n = np.array([vote.outcome for vote in votes]), length_differences(votes)
    floors = {"longer": longer_n, "shorter": -longer_n}
    try:
        floors["tfidf"] = tfidf_differences(train, votes)
    except ValueError:  # too few words in common to make a vocabulary of
        log.info("too few words for the TF-IDF floor")
    matched_n = length_matched(votes)
    return {
        "agreement": pair_agreement(judge_n, outcomes_n),
        "agreement_length_matched": pair_agreement(judge_n[matched_n], outcomes_n[matched_n]),
        **{f"agreement_{name}": pair_agreement(d, outcomes_n) for name, d in floors.items()},
    }
