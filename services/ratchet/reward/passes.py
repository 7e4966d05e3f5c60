"""Groups shared out over forward passes, so that the memory of a pass is bounded."""

from collections.abc import Sequence

from ratchet.reward.packing import TokenGroup

Pass = list[tuple[int, TokenGroup]]
"""Groups that are read together, or parts of groups: each with the index of the group."""


def passes(groups: Sequence[TokenGroup], max_tokens: int, padded: bool) -> list[Pass]:
    """Passes of at most `max_tokens`, or of a single completion that is longer.

    A group's parts come in order. `padded`: a pass costs its longest group for each of them.
    """
    order: Sequence[int] = range(len(groups))
    if padded:  # Groups of like length go together.
        order = sorted(order, key=lambda i: groups[i].length)
    found: list[Pass] = []
    for i in order:
        for part in parts(groups[i], max_tokens):
            if not found or _cost([*found[-1], (i, part)], padded) > max_tokens:
                found.append([])
            found[-1].append((i, part))
    return found


def parts(group: TokenGroup, max_tokens: int) -> list[TokenGroup]:
    """Splits a group that is too long for one pass; each part repeats the prompt."""
    found: list[TokenGroup] = []
    taken: list[tuple[int, ...]] = []
    room = max_tokens - len(group.prompt_ids)
    for ids in group.completion_ids:
        if taken and sum(map(len, taken)) + len(ids) > room:
            found.append(TokenGroup(group.prompt_ids, tuple(taken)))
            taken = []
        taken.append(ids)
    return [*found, TokenGroup(group.prompt_ids, tuple(taken))]


def _cost(together: Pass, padded: bool) -> int:
    lengths = [part.length for _, part in together]
    return max(lengths) * len(lengths) if padded else sum(lengths)
