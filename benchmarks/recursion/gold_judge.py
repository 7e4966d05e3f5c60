"""Gold, for the arm that is rewarded by it and for measuring all others."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ratchet.demo.erring_reader import customer_prompt
from ratchet.demo.gold import HIGHEST, broken_criteria, gold_score
from ratchet.demo.report.fluency import FixedModel
from ratchet.demo.shop_standard import SENTENCES
from ratchet.v1.judgement_pb2 import JudgedGroup, Judgement
from ratchet.v1.rollout_pb2 import RolloutGroup


class GoldJudge:
    """Knows what the readers and the judges are to find out."""

    def __init__(self, model: Path) -> None:
        self._fixed = FixedModel(model)

    def gold(self, groups: Sequence[RolloutGroup]) -> list[np.ndarray]:
        """Gold [n] of every group's completions, fluency included."""
        texts = [completion.text for group in groups for completion in group.completions]
        fluencies = iter(self._fixed.fluency(texts))
        return [
            np.array(
                [
                    gold_score(customer_prompt(group.prompt), c.text, c.finish_reason, fluency)
                    for c, fluency in zip(group.completions, fluencies, strict=False)
                ]
            )
            for group in groups
        ]

    def judge(self, groups: Sequence[RolloutGroup]) -> list[JudgedGroup]:
        """Judgements on the judge's scale: only there does a nat of KL cost the same share."""
        return [
            JudgedGroup(
                group=group,
                judgements=[Judgement(score=gold / HIGHEST) for gold in gold_n],
                judge_version=1,
                standard_version=1,
            )
            for group, gold_n in zip(groups, self.gold(groups), strict=True)
        ]


def broken(groups: Sequence[RolloutGroup]) -> np.ndarray:
    """Which criteria each completion really breaks, bool [n, C] over all groups."""
    return np.array(
        [
            [name in found for name in SENTENCES]
            for group in groups
            for c in group.completions
            for found in [broken_criteria(customer_prompt(group.prompt), c.text, c.finish_reason)]
        ]
    )
