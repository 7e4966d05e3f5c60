"""The engine for the loop's own judges: one frozen trunk and small heads."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ratchet.judge.engines.base import Limits
from ratchet.judge.versions import JudgeVersion
from ratchet.reward.heads import Heads, Scores
from ratchet.reward.packing import TokenGroup
from ratchet.reward.trunk import Trunk

PROBE = TokenGroup((0,) * 8, ((0,) * 8, (0,) * 4))


class TorchEngine:
    """Scores with `reward.Trunk` and `reward.Heads`; see `engines.base.Engine`."""

    def __init__(self, trunk: Trunk, context_tokens: int) -> None:
        self._trunk = trunk
        self.limits = Limits(min(context_tokens, trunk.context_tokens), trunk.vocabulary)
        self.trunk_sha256 = trunk.sha256

    def load(self, folder: Path, number: int) -> JudgeVersion:
        """Reads heads and tries them on one answer."""
        try:
            heads = Heads.load(folder)
            [features] = self._trunk.features([PROBE], heads.sentences)
            checked = heads.checks.has_C.astype(float)
            probe = heads.obey(heads.score(features), [checked] * len(features))
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"heads in {folder.name} do not fit this trunk: {error}") from error
        if not np.isfinite(probe.score_n).all():
            raise ValueError(f"heads in {folder.name} give {probe.score_n[0]} for a score")
        return JudgeVersion(number, heads)

    def score(self, version: JudgeVersion, groups: Sequence[TokenGroup]) -> list[Scores]:
        """Features of all groups at once, then the version's heads on each group."""
        features = self._trunk.features(groups, version.heads.sentences)
        return [version.heads.score(features_nF) for features_nF in features]

    def warm_up(self) -> None:
        """Runs the trunk once, so that no caller pays for its first pass."""
        self._trunk.features([PROBE])
