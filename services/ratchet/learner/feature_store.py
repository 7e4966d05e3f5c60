"""Features of answers, computed once and kept on disk."""

import hashlib
import itertools
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ratchet.learner.folders import write_folder
from ratchet.process.lease import ComputeLease
from ratchet.reward.marks import answer_id
from ratchet.reward.sentences import Sentences

if TYPE_CHECKING:
    from ratchet.reward.packing import TokenGroup
    from ratchet.reward.trunk import Trunk

log = logging.getLogger(__name__)


class FeatureStore:
    """Looks features up, and asks the trunk, under the compute lease, for those it lacks.

    Layout: `{first 16 digits of the trunk's sha256}/{number}/{ids.txt, features.npy}`, a folder a
    batch, never changed: features of another trunk are never mixed in. An id names the answer and
    the sentences that the trunk was given.
    """

    def __init__(self, folder: Path, trunk: "Trunk", lease: ComputeLease) -> None:
        self.trunk = trunk
        self._lease = lease
        self._folder = folder / self.trunk.sha256[:16]
        self._folder.mkdir(parents=True, exist_ok=True)
        self._features: dict[str, np.ndarray] = {}
        batches = [path for path in self._folder.iterdir() if path.name.isdigit()]
        for batch in sorted(batches, key=lambda path: int(path.name)):
            ids = (batch / "ids.txt").read_text().split()
            features = np.load(batch / "features.npy", allow_pickle=False)
            self._features.update(zip(ids, features, strict=True))
        self._numbers = itertools.count(max((int(path.name) for path in batches), default=0) + 1)

    def has(self, group: "TokenGroup", sentences: Sentences) -> bool:
        """Whether the features of all of a group's answers are kept."""
        return all(key in self._features for key in _keys(group, sentences))

    def fits(self, group: "TokenGroup") -> bool:
        """Whether the trunk can read it: no part empty, too long, or not of its vocabulary."""
        parts = (group.prompt_ids, *group.completion_ids)
        if len(parts) < 2 or not all(parts):
            return False
        longest = max(map(len, group.completion_ids))
        known = all(max(ids) < self.trunk.vocabulary for ids in parts)
        return known and len(group.prompt_ids) + longest <= self.trunk.context_tokens

    def features(self, groups: Sequence["TokenGroup"], sentences: Sentences) -> list[np.ndarray]:
        """One float32 array [n, F] for every group; what is new is on disk before this returns."""
        missing = [group for group in groups if not self.has(group, sentences)]
        if missing:
            with self._lease.held():
                computed = self.trunk.features(missing, sentences)
            self._keep([key for group in missing for key in _keys(group, sentences)], computed)
        return [
            np.stack([self._features[key] for key in _keys(group, sentences)]) for group in groups
        ]

    def _keep(self, ids: Sequence[str], computed: Sequence[np.ndarray]) -> None:
        features = np.concatenate(computed).astype(np.float32)

        def fill(folder: Path) -> None:
            (folder / "ids.txt").write_text("\n".join(ids))
            np.save(folder / "features.npy", features, allow_pickle=False)

        write_folder(self._folder / str(next(self._numbers)), fill)
        self._features.update(zip(ids, features, strict=True))
        log.info("kept the features of %d answers", len(ids))


def _keys(group: "TokenGroup", sentences: Sentences) -> list[str]:
    said = hashlib.sha256(repr(sentences).encode()).hexdigest()
    return [f"{answer_id(group.prompt_ids, ids)}-{said[:16]}" for ids in group.completion_ids]
