"""The policy gradient against float64 references."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ratchet.learner.loss import kl_k3, leave_one_out_advantages, policy_loss, scaled, step_share

REWARDS = st.lists(st.none() | st.floats(-10, 10), min_size=1, max_size=9)
CLIP = {"clip_low": 0.2, "clip_high": 0.28, "weight_cap": 2.0}


@given(REWARDS)
def test_an_unscored_completion_has_no_advantage_and_no_say_in_the_baseline(rewards):
    advantages = leave_one_out_advantages(rewards)
    scored = [r for r in rewards if r is not None]
    alone = iter(leave_one_out_advantages(scored))
    for reward, advantage in zip(rewards, advantages, strict=True):
        assert advantage == (0.0 if reward is None else next(alone))
    assert math.fsum(advantages) == pytest.approx(0.0, abs=1e-9)


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=9), st.floats(-5, 5))
def test_advantages_do_not_move_with_a_shift_of_all_rewards(rewards, shift):
    shifted = leave_one_out_advantages([r + shift for r in rewards])
    assert shifted == pytest.approx(leave_one_out_advantages(rewards), abs=1e-6)


def test_scaling_keeps_the_ratio_between_groups():
    assert scaled([1.0, -1.0, 0.1, -0.1])[0] == pytest.approx(
        10 * scaled([1.0, -1.0, 0.1, -0.1])[2]
    )
    assert np.mean(np.square(scaled([3.0, -1.0, 2.0]))) == pytest.approx(1.0)
    assert scaled([0.0, 0.0]) == [0.0, 0.0]


def test_on_policy_gradient_is_that_of_reinforce():
    logprobs = torch.tensor([-1.0, -2.0, -0.5], dtype=torch.float64, requires_grad=True)
    advantages = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    old = logprobs.detach()
    policy_loss(logprobs, old, old, advantages, **CLIP).sum().backward()
    torch.testing.assert_close(logprobs.grad, -advantages)


def test_importance_weight_is_capped_and_the_clip_is_asymmetric():
    zero, one = torch.zeros(1), torch.ones(1)
    assert policy_loss(zero, zero, zero - 3, one, **CLIP).item() == pytest.approx(-2.0)
    assert policy_loss(zero, zero, zero + 1, one, **CLIP).item() == pytest.approx(-math.exp(-1))
    assert policy_loss(zero + 1, zero, zero, one, **CLIP).item() == pytest.approx(-1.28)
    assert policy_loss(zero - 1, zero, zero, -one, **CLIP).item() == pytest.approx(0.8)


def test_k3_estimates_kl_and_is_never_negative():
    random = np.random.default_rng(0)
    p, q = random.dirichlet(np.ones(20)), random.dirichlet(np.ones(20))
    drawn = random.choice(20, size=200_000, p=p)
    estimate = kl_k3(torch.tensor(np.log(p[drawn])), torch.tensor(np.log(q[drawn])))
    assert estimate.min() >= 0
    assert estimate.mean().item() == pytest.approx((p * np.log(p / q)).sum(), rel=0.05)


def test_steps_shrink_as_kl_nears_its_limit():
    assert [step_share(kl, limit=2.0) for kl in (0.0, 1.0, 1.5, 2.0, 9.0)] == [1, 1, 0.5, 0, 0]
