"""Which prompts' keys and values are kept, and where, so that no later pass computes them again.

A prompt is kept in blocks, and a block is found by all tokens from the prompt's beginning to the
block's end: another prompt that begins the same shares its blocks. A block is kept by the second
pass that asks for it: most prompts never come again, and copying what is kept takes time. What is
kept lies in slots, one for a token; this module counts slots and knows of no tensor.
"""

from collections import OrderedDict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

from ratchet.process.packed import pack_u32
from ratchet.reward.seen_blocks import SeenBlocks

BLOCK_TOKENS = 64
"""Of every block but a prompt's last, which holds the rest."""

SHORTEST_PROMPT = 32
"""Shorter prompts cost less than what knowing them does."""

SEEN_FOR_KEPT = 8
"""So many blocks are remembered as seen for each that there is room to keep."""

Block = bytes
"""A block's name: the prompt's packed tokens up to its end."""

Slots = tuple[int, ...]


@dataclass(frozen=True)
class Prefix:
    """What one pass needs to know of a prompt."""

    known: Slots = ()
    """Where the keys and values of the first tokens are."""
    new: Slots = ()
    """Where those of the tokens behind are to be put."""
    chain: tuple[Block, ...] = ()
    """The blocks of the prompt."""
    new_blocks: tuple[tuple[Block, Slots], ...] = ()
    """What `new` is made of."""


NOTHING_KNOWN = Prefix()


class PrefixCache:
    """At most `size` tokens of prompts; blocks that were not asked for longest go first.

    A block outlives all that stand behind it: wherever one is kept, so are those before it. For one
    pass of one model at a time.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._free = list(reversed(range(size)))
        self._kept: OrderedDict[Block, Slots] = OrderedDict()
        self._seen = SeenBlocks(SEEN_FOR_KEPT * ceil(size / BLOCK_TOKENS))

    @property
    def tokens(self) -> int:
        """How many are kept."""
        return sum(map(len, self._kept.values()))

    @contextmanager
    def of(self, prompts: Sequence[tuple[int, ...]]) -> Generator[list[Prefix], None, None]:
        """What is known of the prompts of one pass, and slots for what an earlier one has seen.

        As far as there is room. Blocks that stand in two prompts of the pass are seen once: it
        computes them anyway. At the end the slots are free again of every prefix that was not given
        to `keep`.
        """
        chains = [_blocks(prompt) for prompt in prompts] if self.size else [()] * len(prompts)
        found = [self._find(chain) for chain in chains]
        used = {block for blocks in found for block in blocks}
        begun: set[Block] = set()
        prefixes = [
            self._reserve(chain, blocks, used, begun)
            for chain, blocks in zip(chains, found, strict=True)
        ]
        for chain in chains:
            self._seen.see(chain)
        try:
            yield prefixes
        finally:
            for prefix in prefixes:
                self._free += (
                    slot
                    for block, slots in prefix.new_blocks
                    if block not in self._kept
                    for slot in slots
                )

    def keep(self, prefix: Prefix) -> None:
        """Keeps the new blocks of a prompt: their keys and values are in their slots."""
        self._kept.update(prefix.new_blocks)
        self._find(prefix.chain)

    def clear(self) -> None:
        """Forgets all."""
        while self._kept:
            self._drop_oldest()
        self._seen.clear()

    def _find(self, chain: Sequence[Block]) -> Sequence[Block]:
        """The blocks that are known: now the last to go, and the first of them last of all."""
        count = next((i for i, block in enumerate(chain) if block not in self._kept), len(chain))
        for block in reversed(chain[:count]):
            self._kept.move_to_end(block)
        return chain[:count]

    def _reserve(
        self, chain: tuple[Block, ...], found: Sequence[Block], used: set[Block], begun: set[Block]
    ) -> Prefix:
        known = tuple(slot for block in found for slot in self._kept[block])
        new_blocks: list[tuple[Block, Slots]] = []
        end = len(known)
        for block in chain[len(found) :]:
            tokens = len(block) // 4 - end
            # Another prompt of this pass may begin the same: one of them keeps the block.
            if block not in self._seen or block in begun or not self._make_room(tokens, used):
                break
            begun.add(block)
            new_blocks.append((block, tuple(self._free.pop() for _ in range(tokens))))
            end += tokens
        new = tuple(slot for _, slots in new_blocks for slot in slots)
        return Prefix(known, new, chain, tuple(new_blocks))

    def _make_room(self, tokens: int, used: set[Block]) -> bool:
        while len(self._free) < tokens:
            oldest = next(iter(self._kept), None)
            if oldest is None or oldest in used:  # What this pass uses is newer than all else.
                return False
            self._drop_oldest()
        return True

    def _drop_oldest(self) -> None:
        _, slots = self._kept.popitem(last=False)
        self._free += reversed(slots)


def _blocks(prompt: tuple[int, ...]) -> tuple[Block, ...]:
    if len(prompt) < SHORTEST_PROMPT:
        return ()
    packed = pack_u32(prompt)
    ends = [*range(BLOCK_TOKENS, len(prompt), BLOCK_TOKENS), len(prompt)]
    return tuple(packed[: 4 * end] for end in ends)
