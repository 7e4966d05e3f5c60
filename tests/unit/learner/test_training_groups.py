import math

import numpy as np
import pytest
from tests.unit.learner.groups import judged

from ratchet.learner.training_groups import reward, training_group
from ratchet.process.packed import pack_f32
from ratchet.v1.judgement_pb2 import Judgement


def test_a_group_is_unpacked_with_rewards_that_pay_for_spread() -> None:
    group = training_group(judged(scores=(0.2, None, 0.8)), spread_penalty=0.5)
    assert group.tokens.prompt_ids == (1, 2, 3)
    assert group.tokens.completion_ids[1] == (6, 6, 7)
    np.testing.assert_allclose(group.rollout_logprobs[0], [-1.0, -2.0, -0.5])
    assert group.rewards == (pytest.approx(0.15), None, pytest.approx(0.75))


def test_a_score_that_is_no_number_is_no_reward() -> None:
    assert reward(Judgement(score=math.nan), 0.5) is None
    assert reward(Judgement(score=0.5, spread=math.inf), 0.5) is None
    assert reward(Judgement(), 0.5) == 0.0


def test_malformed_groups_are_refused() -> None:
    odd = judged()
    odd.group.completions[0].token_ids += b"\0"
    short = judged()
    short.group.completions[0].log_probabilities = pack_f32([-1.0])
    infinite = judged()
    infinite.group.completions[0].log_probabilities = pack_f32([-1.0, -math.inf, -1.0])
    greedy = judged()
    greedy.group.temperature = 0
    lost = judged()
    del lost.judgements[0]
    for group in (odd, short, infinite, greedy, lost):
        with pytest.raises(ValueError):
            training_group(group, 0.5)
