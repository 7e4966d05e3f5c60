"""The policy gradient, as pure functions. Shapes: N completions, M tokens of all of them."""

from collections.abc import Sequence

import torch


def leave_one_out_advantages(rewards: Sequence[float | None]) -> list[float]:
    """Reward less the mean reward of the group's other completions (RLOO, arXiv 2402.14740).

    A reward of None (could not be scored) counts in no baseline and has no advantage, as has the
    only scored completion of a group.
    """
    scored = [reward for reward in rewards if reward is not None]
    if len(scored) < 2:
        return [0.0] * len(rewards)
    total, others = sum(scored), len(scored) - 1
    return [0.0 if r is None else r - (total - r) / others for r in rewards]


def kl_penalised(
    rewards: Sequence[float | None], log_ratios: Sequence[float], coefficient: float
) -> tuple[float | None, ...]:
    """Rewards less a penalty for leaving the first policy (Ziegler, arXiv 1909.08593, eq. 2).

    `log_ratios` are log(policy / first policy), the mean over a completion's tokens, nats: over
    their sum a long answer would cost more than a short one that is as far off.
    """
    return tuple(
        None if reward is None else reward - coefficient * log_ratio
        for reward, log_ratio in zip(rewards, log_ratios, strict=True)
    )


def scaled(advantages: Sequence[float], floor: float = 1e-6) -> list[float]:
    """Advantages over one scale, their root mean square, for the whole batch.

    One scale a group would give groups that all answers pass as much say as any other
    (Dr. GRPO, arXiv 2503.20783).
    """
    if not advantages:
        return []
    scale = (sum(a * a for a in advantages) / len(advantages)) ** 0.5
    return [a / max(scale, floor) for a in advantages]


def policy_loss(
    logprobs_M: torch.Tensor,
    old_logprobs_M: torch.Tensor,
    rollout_logprobs_M: torch.Tensor,
    advantages_M: torch.Tensor,
    *,
    clip_low: float,
    clip_high: float,
    weight_cap: float,
) -> torch.Tensor:
    """Loss of each token [M]: the clipped surrogate of PPO (arXiv 1707.06347, eq. 7), to minimise.

    The clip is asymmetric (DAPO, arXiv 2503.14476, eq. 10). Each token is weighted by
    min(pi_old / pi_rollout, weight_cap): truncated importance sampling against the policy that
    really sampled, whose kernels and rounding are not the learner's.
    """
    ratio_M = (logprobs_M - old_logprobs_M).exp()
    clipped_M = ratio_M.clamp(1 - clip_low, 1 + clip_high)
    surrogate_M = torch.minimum(ratio_M * advantages_M, clipped_M * advantages_M)
    weight_M = (old_logprobs_M - rollout_logprobs_M).exp().clamp(max=weight_cap)
    return -weight_M.detach() * surrogate_M


def kl_k3(logprobs_M: torch.Tensor, reference_logprobs_M: torch.Tensor) -> torch.Tensor:
    """Estimate of KL(policy || reference) by each sampled token [M], nats, never negative.

    The k3 estimator of Schulman, "Approximating KL divergence" (2020): r - 1 - log r with
    r = pi_reference / pi.
    """
    log_ratio_M = reference_logprobs_M - logprobs_M
    return log_ratio_M.exp() - 1 - log_ratio_M


def step_share(kl: float, limit: float) -> float:
    """Share of the learning rate, 1 to 0, that is left at this KL to the first policy.

    Whole up to half of the limit, then falling in a straight line to nothing at the limit: a policy
    that has gone as far as it may stays where it is.
    """
    return min(1.0, max(0.0, 2 * (1 - kl / limit)))
