"""Judge versions of a run, asked again about answers after it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ratchet.process.packed import unpack_u32
from ratchet.reward.heads import Heads
from ratchet.reward.packing import TokenGroup
from ratchet.reward.sentences import Sentences
from ratchet.reward.trunk import Trunk
from ratchet.v1.judgement_pb2 import JudgedGroup


class Judges:
    """Scores of any version whose folder was kept; features are computed once a group."""

    def __init__(self, folder: Path, trunk: Trunk) -> None:
        self._folder = folder
        self._trunk = trunk
        self._heads: dict[int, Heads] = {}
        self._features: dict[tuple[TokenGroup, Sentences], np.ndarray] = {}

    def has(self, version: int) -> bool:
        """Whether the version's folder is there."""
        return (self._folder / f"{version:06d}").is_dir()

    def scores(self, version: int, groups: Sequence[TokenGroup]) -> list[np.ndarray]:
        """Scores [n] of every group's completions."""
        if version not in self._heads:
            self._heads[version] = Heads.load(self._folder / f"{version:06d}")
        heads = self._heads[version]
        features = self._read(groups, heads.sentences)
        return [heads.score(features_nF).score_n for features_nF in features]

    def _read(self, groups: Sequence[TokenGroup], sentences: Sentences) -> list[np.ndarray]:
        missing = [group for group in groups if (group, sentences) not in self._features]
        for group, features_nF in zip(
            missing, self._trunk.features(missing, sentences), strict=True
        ):
            self._features[group, sentences] = features_nF
        return [self._features[group, sentences] for group in groups]


def token_group(judged: JudgedGroup) -> TokenGroup:
    """The tokens of a judged group."""
    return TokenGroup(
        tuple(unpack_u32(judged.group.prompt_token_ids)),
        tuple(tuple(unpack_u32(c.token_ids)) for c in judged.group.completions),
    )
