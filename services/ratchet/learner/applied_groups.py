"""Which groups the learner has taken in, so that none counts twice (FAULTS row 14)."""

import re
from collections.abc import Iterable, Mapping

GROUP_ID = re.compile(r"p(\d+)-(\d+)", re.ASCII)


class MalformedGroupId(ValueError):
    """A group id that names no prompt's partition and offset."""


class AppliedGroups:
    """A set of group ids in bounded memory.

    An id is `p{partition}-{offset}` of its prompt. Beyond `bound` offsets of a partition the lowest
    are folded into a watermark: all below it counts as applied. That can discard a group that comes
    absurdly late; it can never let one through twice.
    """

    def __init__(self, bound: int = 10_000) -> None:
        self._bound = bound
        self._watermarks: dict[int, int] = {}
        self._offsets: dict[int, set[int]] = {}

    def add(self, group_id: str) -> bool:
        """Take an id in; False where it was there before.

        Raises:
            MalformedGroupId: the id is not `p{partition}-{offset}`.
        """
        match = GROUP_ID.fullmatch(group_id)
        if match is None:
            raise MalformedGroupId(group_id)
        partition, offset = int(match[1]), int(match[2])
        offsets = self._offsets.setdefault(partition, set())
        if offset < self._watermarks.get(partition, 0) or offset in offsets:
            return False
        offsets.add(offset)
        if len(offsets) > self._bound:
            self._fold(partition, keep=self._bound // 2)
        return True

    def _fold(self, partition: int, keep: int) -> None:
        kept = sorted(self._offsets[partition])[-keep:]
        self._watermarks[partition] = kept[0]
        self._offsets[partition] = set(kept)

    def dump(self) -> dict[str, list[int]]:
        """For the checkpoint: partition -> watermark, then the offsets above it."""
        return {
            str(partition): [self._watermarks.get(partition, 0), *sorted(offsets)]
            for partition, offsets in self._offsets.items()
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Iterable[int]], bound: int = 10_000) -> "AppliedGroups":
        """The inverse of `dump`."""
        applied = cls(bound)
        for partition, (watermark, *offsets) in dumped.items():
            applied._watermarks[int(partition)] = watermark
            applied._offsets[int(partition)] = set(offsets)
        return applied
