"""What proves a judge version: held-out marks."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ratchet.reward.agreement import mean_auc, mean_auc_bound
from ratchet.v1.weights_pb2 import GateFigure, GateReport


@dataclass(frozen=True)
class HeldOutMarks:
    """What the judge says, and what people marked, of n answers it was not trained on."""

    broken_nC: np.ndarray
    """Predicted probability per criterion; NaN: unknown."""
    marked_nC: np.ndarray
    """bool"""
    prompt_keys: Sequence[str]


def judge_gate(
    held_out: HeldOutMarks,
    beside: Mapping[str, float],
    *,
    auc_threshold: float,
    fewest_held_out: int,
    seed: int,
) -> GateReport:
    """Passes if the lower bound of the mean AUC over the criteria is above the threshold.

    What stands `beside` it, such as agreement with held-out votes and that of the floors, is for
    the reader and decides nothing: votes are noisy, so that a good judge and "always shorter" agree
    with them about as often. A figure that is no number is left out.
    """
    count = len(held_out.prompt_keys)
    value, bound = 0.5, 0.5
    if count:
        value = mean_auc(held_out.broken_nC, held_out.marked_nC)
        bound = mean_auc_bound(held_out.broken_nC, held_out.marked_nC, held_out.prompt_keys, seed)
    enough, proven = count >= fewest_held_out, bound > auc_threshold
    figures = [
        GateFigure(
            name="held_out_marked_answers", value=count, threshold=fewest_held_out, passed=enough
        ),
        GateFigure(
            name="mean_auc", value=value, bound=bound, threshold=auc_threshold, passed=proven
        ),
    ]
    figures += [
        GateFigure(name=name, value=v, passed=True)
        for name, v in beside.items()
        if math.isfinite(v)
    ]
    if not enough:
        reason = f"Only {count} held-out answers were marked; {fewest_held_out} are needed."
    else:
        verb = "is" if proven else "is not"
        reason = (
            f"On {count} held-out marked answers the lower bound of the mean AUC, {bound:.3f}, "
            f"{verb} above {auc_threshold:.3f}."
        )
    return GateReport(passed=enough and proven, reason=reason, figures=figures)
