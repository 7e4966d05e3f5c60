"""Every version of every standard."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping

from ratchet.feedback import metrics
from ratchet.v1.standard_pb2 import Standard


class NotTheNewest(Exception):
    """Somebody has stored another version meanwhile."""

    def __init__(self, newest: Standard) -> None:
        super().__init__(f"version {newest.version} of {newest.standard_id!r} is newer")
        self.newest = newest


class StandardBook:
    """Versions count up from 1; a version never changes. State is the `standards` topic's."""

    def __init__(self, write: Callable[[Standard], Awaitable[None]]) -> None:
        """`write` returns once the standard is safe."""
        self._write = write
        self._versions: defaultdict[str, dict[int, Standard]] = defaultdict(dict)
        self._turn = asyncio.Lock()

    def restore(self, standard: Standard) -> None:
        """Notes a version that the topic holds. Again changes nothing."""
        self._versions[standard.standard_id].setdefault(standard.version, standard)

    def get(self, standard_id: str, version: int = 0) -> Standard | None:
        """A version, or the newest for 0; None where it is not known."""
        versions = self._versions.get(standard_id, {})
        return versions.get(version or max(versions, default=0))

    def versions(self, standard_id: str) -> list[Standard]:
        """Every version, the newest first."""
        return [each for _, each in sorted(self._versions.get(standard_id, {}).items())][::-1]

    def newest(self) -> list[Standard]:
        """The newest version of every standard, by its id."""
        return [versions[max(versions)] for _, versions in sorted(self._versions.items())]

    def weights(self, standard_id: str, version: int = 0) -> Mapping[str, float]:
        """Criterion id -> weight; empty for an unknown standard."""
        standard = self.get(standard_id, version)
        return {c.criterion_id: c.weight for c in standard.criteria} if standard else {}

    def unchanged(self, standard: Standard) -> Standard | None:
        """The newest version where its content is this one's, whatever version this names."""
        newest = self.get(standard.standard_id)
        if newest is None:
            return None
        same = Standard()
        same.CopyFrom(standard)
        same.version = newest.version
        return newest if same == newest else None

    async def put(self, standard: Standard, after: int | None = None) -> Standard:
        """Stores the next version and returns it; the newest where its content is the same.

        `after`: the version that was read before this one was written, 0 for none.

        Raises:
            NotTheNewest: `after` is given and is not the newest; nothing is stored.
        """
        async with self._turn:
            newest = self.get(standard.standard_id)
            version = newest.version if newest else 0
            if newest and after is not None and after != version:
                raise NotTheNewest(newest)
            if same := self.unchanged(standard):
                return same
            stored = Standard()
            stored.CopyFrom(standard)
            stored.version = version + 1
            await self._write(stored)
            self.restore(stored)
            metrics.STANDARD_VERSIONS.inc()
            return stored
