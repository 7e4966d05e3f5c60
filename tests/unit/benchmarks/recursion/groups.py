"""Judged groups of the shop's prompts, without a model."""

from collections.abc import Sequence

from ratchet.demo.evaluation import messages_of
from ratchet.demo.prompts import CustomerPrompt
from ratchet.demo.shop_standard import SENTENCES, STANDARD_ID
from ratchet.process.packed import pack_u32
from ratchet.v1.judgement_pb2 import CriterionJudgement, JudgedGroup, Judgement
from ratchet.v1.prompt_pb2 import PURPOSE_TRAIN, Prompt
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup


def judged(
    prompt: CustomerPrompt,
    copies: Sequence[tuple[float, float]],
    rare: Sequence[bool],
    scores: Sequence[float] = (),
) -> JudgedGroup:
    """An answer for each pair of copies, which say how surely it breaks "polite".

    `scores` are .5 unless they are given.

    The judge believes that answers break "asks_order_number", but those that are rare.
    """
    numbers = range(len(copies))
    return JudgedGroup(
        group=RolloutGroup(
            group_id=prompt.prompt_id,
            prompt=Prompt(
                prompt_id=prompt.prompt_id,
                messages=messages_of(prompt),
                standard_id=STANDARD_ID,
                purpose=PURPOSE_TRAIN,
            ),
            prompt_token_ids=pack_u32([1]),
            completions=[
                Completion(text=f"answer {i}", token_ids=pack_u32([2 + i]), finish_reason="stop")
                for i in numbers
            ],
        ),
        judgements=[
            Judgement(
                score=scores[i] if scores else 0.5,
                criteria=[
                    CriterionJudgement(
                        criterion_id=name,
                        broken=0.0 if name == "asks_order_number" and rare[i] else 0.9,
                        broken_bootstrap=copies[i] if name == "polite" else (0.5, 0.5),
                    )
                    for name in SENTENCES
                ],
            )
            for i in numbers
        ],
        judge_version=1,
        standard_version=1,
    )
