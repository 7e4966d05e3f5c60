"""Groups of completions as one row for a kernel that takes sequences by cumulative lengths (CUDA).

Like `reward.flat_row`, in another order: first all prompts that completions share, then those
completions, then the sequences that share nothing. So all queries that look back at a shared prompt
lie together, and all the keys that they look at: two calls of a kernel do for the whole row
(`reward.varlen_attention`), and nothing is copied.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import torch

from ratchet.reward.packing import TokenGroup


class Sizes(NamedTuple):
    """What of the layout the CPU has to know; tokens, but for the first two."""

    pieces: int
    """Sequences of the row that are causal by themselves: prompts, completions, whole sequences."""
    shared: int
    """Prompts that completions share."""
    prompts_end: int
    completions_end: int
    longest_piece: int
    """An upper bound, as are the two below."""
    longest_prompt: int
    longest_behind: int
    """Of all completions of one prompt together."""


@dataclass(frozen=True)
class VarlenRow:
    """A batch of groups in a row of T tokens.

    `cumulative_C` (int32) holds where pieces begin and end in the row, then the same of the shared
    prompts among themselves, then of what lies behind each of those prompts, again among itself:
    pieces + 1, shared + 1 and shared + 1 numbers. Together with `sizes`, one number for each field
    of `Sizes` and always on the CPU, it is all that attention needs; each is one tensor, since for
    any other kind a compiled model would be compiled more than once.
    """

    token_ids_1T: torch.Tensor
    position_ids_1T: torch.Tensor
    last_tokens_N: torch.Tensor
    """Where each completion's last token lies, in the order of the groups."""
    cumulative_C: torch.Tensor
    sizes: torch.Tensor


def varlen_row(groups: Sequence[TokenGroup], device: torch.device) -> VarlenRow:
    """Lays groups out. Raises ValueError where a prompt or a completion has no token."""
    if not all(group.prompt_ids and all(group.completion_ids) for group in groups):
        raise ValueError("a prompt and each of its completions need at least one token")
    shared = [i for i, group in enumerate(groups) if len(group.completion_ids) > 1]
    alone = [i for i, group in enumerate(groups) if len(group.completion_ids) == 1]
    prompts = [groups[i].prompt_ids for i in shared]
    completions = [ids for i in shared for ids in groups[i].completion_ids]
    wholes = [groups[i].prompt_ids + groups[i].completion_ids[0] for i in alone]
    pieces = [*prompts, *completions, *wholes]
    firsts = [0] * len(prompts)
    firsts += [len(groups[i].prompt_ids) for i in shared for _ in groups[i].completion_ids]
    firsts += [0] * len(wholes)
    positions = [
        np.arange(first, first + len(ids)) for first, ids in zip(firsts, pieces, strict=True)
    ]
    ends = _cumulative(pieces)
    behind = [sum(groups[i].completion_ids, ()) for i in shared]
    lasts = iter(ends[len(prompts) + 1 :])
    last_tokens = {i: [next(lasts) - 1 for _ in groups[i].completion_ids] for i in shared + alone}
    sizes = Sizes(
        pieces=len(pieces),
        shared=len(shared),
        prompts_end=ends[len(prompts)],
        completions_end=ends[len(prompts) + len(completions)],
        longest_piece=_longest(pieces),
        longest_prompt=_longest(prompts),
        longest_behind=_longest(behind),
    )
    return VarlenRow(
        torch.from_numpy(np.concatenate(pieces))[None].to(device),
        torch.from_numpy(np.concatenate(positions))[None].to(device),
        torch.tensor([last for i in sorted(last_tokens) for last in last_tokens[i]], device=device),
        torch.tensor(
            [*ends, *_cumulative(prompts), *_cumulative(behind)], dtype=torch.int32, device=device
        ),
        torch.tensor(sizes),
    )


def _cumulative(sequences: Sequence[Sequence[int]]) -> list[int]:
    return list(accumulate(map(len, sequences), initial=0))


def _longest(sequences: Sequence[Sequence[int]]) -> int:
    # At least 2: for single tokens flash attention takes a way of its own.
    return max(2, *map(len, sequences), 2)
