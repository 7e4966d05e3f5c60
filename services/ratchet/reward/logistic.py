"""Many ridge-penalised logistic regressions at once, on the same features."""

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.model_selection import GroupKFold

ITERATIONS = 60
FOLDS = 5


def fit_logistic(
    inputs_NF: np.ndarray,
    targets_NH: np.ndarray,
    weights_NH: np.ndarray,
    penalty: float,
    seen_HF: np.ndarray | None = None,
    *,
    intercept: bool = True,
) -> np.ndarray:
    """Weights [H, F + 1], the intercept last, of H regressions.

    Each minimises penalty / 2 * |w|^2 + sum_n weight_n * cross_entropy_n; the intercept is free,
    or zero where none is wanted. Targets are probabilities in [0, 1]. A regression's weights are
    zero for the inputs that it does not see (`seen_HF`, bool); without it each sees all.
    """
    inputs = torch.from_numpy(np.ascontiguousarray(inputs_NF, dtype=np.float64))
    seen = np.ones((targets_NH.shape[1], inputs.shape[1]), bool) if seen_HF is None else seen_HF
    shared_F = torch.from_numpy(seen.all(axis=0))
    # With fewer answers than features the solution lies in the answers' span: solve it there.
    basis_FR, spanned_RN = torch.linalg.qr(inputs[:, shared_F].T)
    spanned = len(spanned_RN)
    ones = torch.ones(len(inputs), 1, dtype=torch.float64)
    design = torch.cat([spanned_RN.T, inputs[:, ~shared_F], ones], dim=1)
    mask = torch.ones(design.shape[1], len(seen), dtype=torch.float64)
    mask[-1] = float(intercept)
    mask[spanned:-1] = torch.from_numpy(seen).T[~shared_F]
    targets = torch.from_numpy(np.asarray(targets_NH, dtype=np.float64))
    weights = torch.from_numpy(np.asarray(weights_NH, dtype=np.float64))
    solution = torch.zeros(design.shape[1], targets.shape[1], dtype=torch.float64)
    solution.requires_grad_()
    optimizer = torch.optim.LBFGS(
        [solution], max_iter=ITERATIONS, history_size=20, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        losses_NH = torch.nn.functional.binary_cross_entropy_with_logits(
            design @ (solution * mask), targets, weight=weights, reduction="sum"
        )
        loss = losses_NH + penalty / 2 * solution[:-1].square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    found = solution.detach() * mask
    weights_FH = torch.zeros(inputs.shape[1] + 1, len(seen), dtype=torch.float64)
    weights_FH[:-1][shared_F] = basis_FR @ found[:spanned]
    weights_FH[:-1][~shared_F] = found[spanned:-1]
    weights_FH[-1] = found[-1]
    return weights_FH.T.numpy()


def out_of_fold_probabilities(
    inputs_NF: np.ndarray,
    targets_NH: np.ndarray,
    groups: Sequence[str],
    penalty: float,
    seen_HF: np.ndarray,
) -> np.ndarray:
    """Probabilities [N, H], each by a regression that saw no row of the same group.

    Raises ValueError where there are fewer groups than folds.
    """
    folds = [rows for _, rows in GroupKFold(FOLDS).split(inputs_NF, groups=groups)]
    outside_NK = np.ones((len(inputs_NF), FOLDS))
    for fold, rows in enumerate(folds):
        outside_NK[rows, fold] = 0
    regressions = targets_NH.shape[1]
    weights_HKF = fit_logistic(
        inputs_NF,
        np.repeat(targets_NH, FOLDS, axis=1),
        np.tile(outside_NK, (1, regressions)),
        penalty,
        np.repeat(seen_HF, FOLDS, axis=0),
    ).reshape(regressions, FOLDS, -1)
    found_NH = np.empty(targets_NH.shape)
    for fold, rows in enumerate(folds):
        weights_HF = weights_HKF[:, fold]
        logits_nH = inputs_NF[rows] @ weights_HF[:, :-1].T + weights_HF[:, -1]
        found_NH[rows] = 1 / (1 + np.exp(-logits_nH))
    return found_NH
