"""The engine for the loop's own judges: one frozen trunk and small heads."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ratchet.judge.engines.base import Limits
from ratchet.judge.versions import JudgeVersion
from ratchet.reward.heads import Heads, Scores
from ratchet.reward.packing import TokenGroup
from ratchet.reward.trunk import ROW_TOKENS, Trunk

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
            probe = heads.score(features)
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"heads in {folder.name} do not fit this trunk: {error}") from error
        if not np.isfinite(probe.score_n).all():
            raise ValueError(f"heads in {folder.name} give {probe.score_n[0]} for a score")
        return JudgeVersion(number, heads)

    def score(self, version: JudgeVersion, groups: Sequence[TokenGroup]) -> list[Scores]:
        """Features of all groups at once, then the version's heads on each group."""
        rows = [rows_of(group, ROW_TOKENS) for group in groups]
        flat = [row for of_group in rows for row in of_group]
        features = iter(self._trunk.features(flat, version.heads.sentences))
        return [
            version.heads.score(np.concatenate([next(features) for _ in of_group]))
            for of_group in rows
        ]

    def warm_up(self) -> None:
        """Runs the trunk once, so that no caller pays for its first pass."""
        self._trunk.features([PROBE])


def rows_of(group: TokenGroup, max_tokens: int) -> list[TokenGroup]:
    """Splits a group that is too long for one row; each part repeats the prompt.

    Attention over a row costs memory by its length squared.
    """
    rows: list[TokenGroup] = []
    taken: list[tuple[int, ...]] = []
    room = max_tokens - len(group.prompt_ids)
    for ids in group.completion_ids:
        if taken and sum(map(len, taken)) + len(ids) > room:
            rows.append(TokenGroup(group.prompt_ids, tuple(taken)))
            taken = []
        taken.append(ids)
    return [*rows, TokenGroup(group.prompt_ids, tuple(taken))]
