"""From a judged group to what the trainer takes."""

from typing import TYPE_CHECKING

import numpy as np

from ratchet.learner.group_buffer import is_scored
from ratchet.process.packed import unpack_f32, unpack_u32
from ratchet.v1.judgement_pb2 import JudgedGroup, Judgement
from ratchet.v1.rollout_pb2 import RolloutGroup

if TYPE_CHECKING:
    from ratchet.learner.model import TrainingGroup
    from ratchet.reward.packing import TokenGroup


def reward(judgement: Judgement, spread_penalty: float) -> float | None:
    """`score - spread_penalty * spread` (Coste et al., arXiv 2310.02743); None where unscored."""
    if not is_scored(judgement):
        return None
    return judgement.score - spread_penalty * judgement.spread


def token_group(group: RolloutGroup) -> "TokenGroup":
    """The tokens of a group; ValueError where packed ids have a bad length."""
    from ratchet.reward.packing import TokenGroup

    return TokenGroup(
        tuple(unpack_u32(group.prompt_token_ids)),
        tuple(tuple(unpack_u32(completion.token_ids)) for completion in group.completions),
    )


def training_group(judged: JudgedGroup, spread_penalty: float) -> "TrainingGroup":
    """Unpack one group.

    Raises:
        ValueError: bytes of a bad length; not one finite log-probability per token, or not one
            judgement per completion; a temperature at which nothing is sampled.
    """
    from ratchet.learner.model import TrainingGroup

    group = judged.group
    if len(group.completions) != len(judged.judgements):
        raise ValueError(
            f"{len(group.completions)} completions, {len(judged.judgements)} judgements"
        )
    if not group.temperature > 0:
        raise ValueError(f"temperature {group.temperature}")
    tokens = token_group(group)
    logprobs = tuple(
        np.array(unpack_f32(completion.log_probabilities), dtype=np.float32)
        for completion in group.completions
    )
    for ids, values in zip(tokens.completion_ids, logprobs, strict=True):
        if len(ids) != len(values) or not np.isfinite(values).all():
            raise ValueError(f"{len(ids)} tokens without as many finite log-probabilities")
    return TrainingGroup(
        tokens=tokens,
        rollout_logprobs=logprobs,
        rewards=tuple(reward(judgement, spread_penalty) for judgement in judged.judgements),
        temperature=group.temperature,
    )
