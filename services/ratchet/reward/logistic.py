"""Many ridge-penalised logistic regressions at once, on the same features."""

import numpy as np
import torch

ITERATIONS = 60


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
