"""Many ridge-penalised logistic regressions at once, on the same features."""

import numpy as np
import torch

ITERATIONS = 60


def fit_logistic(
    inputs_NF: np.ndarray, targets_NH: np.ndarray, weights_NH: np.ndarray, penalty: float
) -> np.ndarray:
    """Weights [H, F + 1], the intercept last, of H regressions.

    Each minimises penalty / 2 * |w|^2 + sum_n weight_n * cross_entropy_n; the intercept is free.
    Targets are probabilities in [0, 1].
    """
    inputs = torch.from_numpy(np.ascontiguousarray(inputs_NF, dtype=np.float64))
    # With fewer answers than features the solution lies in the answers' span: solve it there.
    left_NR, scale_R, right_RF = torch.linalg.svd(inputs, full_matrices=False)
    reduced_NR = left_NR * scale_R
    design = torch.cat([reduced_NR, torch.ones(len(inputs), 1, dtype=torch.float64)], dim=1)
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
            design @ solution, targets, weight=weights, reduction="sum"
        )
        loss = losses_NH + penalty / 2 * solution[:-1].square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    found = solution.detach()
    return torch.cat([right_RF.T @ found[:-1], found[-1:]]).T.numpy()
