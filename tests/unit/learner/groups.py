"""Judged groups for the tests of the learner."""

from collections.abc import Sequence

from ratchet.process.packed import pack_f32, pack_u32
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judgement_pb2 import ItemError, JudgedGroup, Judgement
from ratchet.v1.prompt_pb2 import PURPOSE_TRAIN, Prompt, Purpose
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup, WeightSpan

ERROR = Judgement(error=ItemError(code=13, message="no score"))


def judged(
    offset: int = 0,
    scores: Sequence[float | None] = (0.2, 0.8),
    *,
    policy_version: int = 1,
    judge_version: int = 1,
    purpose: Purpose = PURPOSE_TRAIN,
    prompt_id: str = "p",
    prompt_version: int = 0,
) -> JudgedGroup:
    """A group with an answer for each score; None: it could not be scored."""
    completions = [
        Completion(
            text=f"answer {offset} {i}",
            token_ids=pack_u32([5 + i, 6, 7]),
            log_probabilities=pack_f32([-1.0, -2.0, -0.5]),
            weight_spans=[WeightSpan(policy_version=policy_version, start=0, end=3)],
            finish_reason="stop",
        )
        for i in range(len(scores))
    ]
    prompt = Prompt(
        prompt_id=prompt_id,
        messages=[Message(role="user", content=f"question {offset}")],
        purpose=purpose,
        policy_version=prompt_version,
        standard_id="shop",
        samples=len(scores),
    )
    return JudgedGroup(
        group=RolloutGroup(
            group_id=f"p0-{offset}",
            prompt=prompt,
            prompt_token_ids=pack_u32([1, 2, 3]),
            completions=completions,
            temperature=1.0,
        ),
        judgements=[ERROR if s is None else Judgement(score=s, spread=0.1) for s in scores],
        judge_version=judge_version,
        standard_version=1,
    )
