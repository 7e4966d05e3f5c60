"""Which offset of a partition may be committed while prompts finish out of order."""

import heapq


class OffsetWatermark:
    """The lowest offset of one partition that is not finished.

    Offsets may have gaps (records that the reader gave up on) and may come again (after a
    rebalance); those that came before are told apart.
    """

    def __init__(self) -> None:
        self._unfinished: set[int] = set()
        self._lowest: list[int] = []
        self._next = 0

    @property
    def next_offset(self) -> int:
        """The offset to commit: every one below it is finished."""
        while self._lowest and self._lowest[0] not in self._unfinished:
            heapq.heappop(self._lowest)
        return self._lowest[0] if self._lowest else self._next

    def start(self, offset: int) -> bool:
        """Takes in an offset; False where it has come before and must not be done again."""
        if offset < self._next:
            return False
        self._next = offset + 1
        self._unfinished.add(offset)
        heapq.heappush(self._lowest, offset)
        return True

    def finish(self, offset: int) -> None:
        """Marks an offset as done.

        Raises:
            KeyError: It was not started, or is finished already.
        """
        self._unfinished.remove(offset)
