"""Which blocks of prompts were asked for of late, kept or not."""

from collections import OrderedDict
from collections.abc import Sequence


class SeenBlocks:
    """Hashes of at most `limit` blocks; those that were not seen longest go first.

    Where two blocks share a hash the second to come counts as seen, and is kept a pass too early.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._hashes: OrderedDict[int, None] = OrderedDict()

    def __contains__(self, block: bytes) -> bool:
        return hash(block) in self._hashes

    def see(self, chain: Sequence[bytes]) -> None:
        """Remembers the blocks of a prompt, the first of them longest."""
        for block in reversed(chain):
            self._hashes[hash(block)] = None
            self._hashes.move_to_end(hash(block))
        while len(self._hashes) > self._limit:
            self._hashes.popitem(last=False)

    def clear(self) -> None:
        """Forgets all."""
        self._hashes.clear()
