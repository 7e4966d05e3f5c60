"""What a version of the policy says of answers, its own or others'."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ratchet.reward.heads import Heads
from ratchet.reward.hidden_states import Depths
from ratchet.reward.packing import TokenGroup
from ratchet.reward.trunk import Trunk
from ratchet.v1.critique_pb2 import CriterionCritique, Critique

DEPTHS: Depths = (1 / 6, 2 / 3)
"""Of the policy's layers: the deep states must come from layers that training changes."""

THRESHOLDS = "thresholds.json"


def critic_trunk(policy: Path) -> Trunk:
    """The hidden states of a policy version's folder, as its critic reads them."""
    return Trunk(policy, DEPTHS)


class Critic:
    """Heads on a policy version's hidden states, and from where on each is a flag."""

    def __init__(self, trunk: Trunk, heads: Heads, thresholds: Sequence[float]) -> None:
        """Takes a threshold for each of the heads' criteria, in their order.

        Raises:
            ValueError: there are more or fewer.
        """
        if len(thresholds) != len(heads.criterion_ids):
            raise ValueError(
                f"thresholds: {len(thresholds)}, but {len(heads.criterion_ids)} criteria"
            )
        self._trunk = trunk
        self._heads = heads
        self._thresholds_C = np.array(thresholds)

    @property
    def criterion_ids(self) -> tuple[str, ...]:
        """Criteria in the order of the arrays' C axis."""
        return self._heads.criterion_ids

    def broken(self, groups: Sequence[TokenGroup]) -> list[np.ndarray]:
        """Of every group, probabilities [n, C] that a completion breaks a criterion; NaN: unknown.

        Raises:
            ValueError: a prompt or a completion has no token.
        """
        features = self._trunk.features(groups, self._heads.sentences)
        return [self._heads.score(features_nF).broken_nC for features_nF in features]

    def flags(self, groups: Sequence[TokenGroup]) -> list[list[frozenset[str]]]:
        """Of every group, for each completion the criteria that the critic points at.

        Raises:
            ValueError: a prompt or a completion has no token.
        """
        ids = np.array(self.criterion_ids)
        # Nothing unknown is above a threshold.
        return [
            [frozenset(ids[row_C].tolist()) for row_C in broken_nC >= self._thresholds_C]
            for broken_nC in self.broken(groups)
        ]

    def critiques(self, groups: Sequence[TokenGroup]) -> list[list[Critique]]:
        """Of every group, what people are told of each completion.

        Raises:
            ValueError: a prompt or a completion has no token.
        """
        return [[self._critique(row_C) for row_C in broken_nC] for broken_nC in self.broken(groups)]

    def _critique(self, broken_C: np.ndarray) -> Critique:
        pointed_at_C = broken_C >= self._thresholds_C
        return Critique(
            criteria=[
                CriterionCritique(
                    criterion_id=name,
                    broken=None if np.isnan(broken) else float(broken),
                    pointed_at=bool(pointed_at),
                )
                for name, broken, pointed_at in zip(
                    self.criterion_ids, broken_C, pointed_at_C, strict=True
                )
            ]
        )

    def save(self, folder: Path) -> None:
        """Writes heads and thresholds, not the policy."""
        self._heads.save(folder)
        (folder / THRESHOLDS).write_text(json.dumps(self._thresholds_C.tolist()) + "\n")

    @classmethod
    def load(cls, folder: Path, trunk: Trunk) -> "Critic":
        """Reads what `save` wrote; the trunk must be of the same policy version.

        Raises:
            ValueError: heads and thresholds do not fit.
        """
        return cls(trunk, Heads.load(folder), json.loads((folder / THRESHOLDS).read_text()))
