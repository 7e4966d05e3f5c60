"""Judged groups for the tests of feedback."""

from ratchet.v1.judgement_pb2 import CriterionJudgement, ItemError, JudgedGroup, Judgement
from ratchet.v1.preference_pb2 import Comparison
from ratchet.v1.prompt_pb2 import PURPOSE_LABEL, Prompt, Purpose
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup, WeightSpan


def completion(text: str, policy_version: int = 1) -> Completion:
    return Completion(
        text=text, weight_spans=[WeightSpan(policy_version=policy_version, start=0, end=4)]
    )


def group(
    group_id: str,
    texts: list[str],
    *,
    policy_version: int = 1,
    judge_version: int = 0,
    copies: list[list[float]] | None = None,
    purpose: Purpose = PURPOSE_LABEL,
    standard_id: str = "shop",
) -> JudgedGroup:
    """`copies`: for every answer, each bootstrap copy's probability that it breaks `short`."""
    judgements = [Judgement(error=ItemError(code=14, message="no judge")) for _ in texts]
    if judge_version:
        judgements = [
            Judgement(
                criteria=[CriterionJudgement(criterion_id="short", broken=0.5, broken_bootstrap=c)]
            )
            for c in copies or [[0.1, 0.2]] * len(texts)
        ]
    return JudgedGroup(
        group=RolloutGroup(
            group_id=group_id,
            prompt=Prompt(prompt_id=f"of-{group_id}", standard_id=standard_id, purpose=purpose),
            completions=[completion(text, policy_version) for text in texts],
        ),
        judgements=judgements,
        judge_version=judge_version,
    )


def texts_of(comparison: Comparison) -> set[str]:
    return {comparison.answer_a.text, comparison.answer_b.text}
