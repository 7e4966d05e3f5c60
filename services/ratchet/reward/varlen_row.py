"""Groups of completions as one row for a kernel that takes sequences by cumulative lengths (CUDA).

Like `reward.flat_row`, in another order: first all prompts that completions share, then those
completions, then the sequences that share nothing. So all queries that look back at a shared prompt
lie together, and all the keys that they look at: two calls of a kernel do for the whole row
(`reward.varlen_attention`), and nothing is copied.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple, Self

import numpy as np
import torch

from ratchet.process.packed import pack_u32
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


class VarlenRow(NamedTuple):
    """A batch of groups in a row of T tokens, where the model is.

    `cumulative_C` (int32) holds where pieces begin and end in the row, then the same of the shared
    prompts among themselves, then of what lies behind each of those prompts, again among itself:
    pieces + 1, shared + 1 and shared + 1 numbers. Together with `sizes`, one number for each field
    of `Sizes` and always on the CPU, it is all that attention needs; each is one tensor, since for
    any other kind a compiled model would be compiled more than once.
    """

    token_ids_1T: torch.Tensor
    position_ids_1T: torch.Tensor
    last_tokens_N: torch.Tensor
    """Where each completion's last token lies, in the order of the groups; at least two numbers: of
    one, compiled code would be compiled again."""
    cumulative_C: torch.Tensor
    sizes: torch.Tensor


@dataclass(frozen=True)
class Layout:
    """A batch of groups in a row, on the CPU; all arrays of int32, as `VarlenRow` has them."""

    token_ids_T: np.ndarray
    position_ids_T: np.ndarray
    last_tokens_N: np.ndarray
    cumulative_C: np.ndarray
    sizes: Sizes

    @property
    def numbers_I(self) -> torch.Tensor:
        """All of it but the sizes, one behind the other: one copy takes it to a device."""
        arrays = self.token_ids_T, self.position_ids_T, self.last_tokens_N, self.cumulative_C
        return torch.from_numpy(np.concatenate(arrays))

    def row(self, numbers_I: torch.Tensor) -> VarlenRow:
        """The parts of what `numbers_I` was copied to; they change as that does."""
        arrays = self.token_ids_T, self.position_ids_T, self.last_tokens_N, self.cumulative_C
        ids_T, positions_T, lasts_N, cumulative_C = numbers_I.split(list(map(len, arrays)))
        return VarlenRow(
            ids_T[None], positions_T[None], lasts_N, cumulative_C, torch.tensor(self.sizes)
        )

    def padded(self, tokens: int, pieces: int, longest_piece: int) -> Self:
        """The same in a row of the given sizes.

        No piece holds the tokens behind the last, so that attention passes over them. For rows in
        which no prompt is shared.
        """
        more = pieces - self.sizes.pieces
        ends = self.cumulative_C[: self.sizes.pieces + 1]
        return replace(
            self,
            token_ids_T=_padded(self.token_ids_T, tokens - len(self.token_ids_T), 0),
            position_ids_T=_padded(self.position_ids_T, tokens - len(self.token_ids_T), 0),
            last_tokens_N=_padded(self.last_tokens_N, pieces - len(self.last_tokens_N), 0),
            cumulative_C=_padded(_padded(ends, more, ends[-1]), 2, 0),
            sizes=self.sizes._replace(pieces=pieces, longest_piece=longest_piece),
        )


def lay_out(groups: Sequence[TokenGroup]) -> Layout:
    """Lays groups out. Raises ValueError where a prompt or a completion has no token."""
    if not all(group.prompt_ids and all(group.completion_ids) for group in groups):
        raise ValueError("a prompt and each of its completions need at least one token")
    shared = [i for i, group in enumerate(groups) if len(group.completion_ids) > 1]
    alone = [i for i, group in enumerate(groups) if len(group.completion_ids) == 1]
    prompts = [groups[i].prompt_ids for i in shared]
    completions = [ids for i in shared for ids in groups[i].completion_ids]
    wholes = [groups[i].prompt_ids + groups[i].completion_ids[0] for i in alone]
    pieces = [*prompts, *completions, *wholes]
    ends = _cumulative(pieces)
    # A completion's first position is the one behind its prompt.
    firsts = np.zeros(len(pieces), np.int32)
    firsts[len(prompts) : len(prompts) + len(completions)] = [
        len(groups[i].prompt_ids) for i in shared for _ in groups[i].completion_ids
    ]
    positions_T = np.arange(ends[-1]) - np.repeat(ends[:-1] - firsts, np.diff(ends))
    behind = [sum(groups[i].completion_ids, ()) for i in shared]
    lasts = iter(ends[len(prompts) + 1 :])
    last_tokens = {i: [next(lasts) - 1 for _ in groups[i].completion_ids] for i in shared + alone}
    in_order = [last for i in sorted(last_tokens) for last in last_tokens[i]]
    sizes = Sizes(
        pieces=len(pieces),
        shared=len(shared),
        prompts_end=ends[len(prompts)],
        completions_end=ends[len(prompts) + len(completions)],
        longest_piece=_longest(pieces),
        longest_prompt=_longest(prompts),
        longest_behind=_longest(behind),
    )
    return Layout(
        np.frombuffer(b"".join(map(pack_u32, pieces)), "<i4"),
        positions_T.astype(np.int32),
        np.array(in_order if len(in_order) > 1 else 2 * in_order, np.int32),
        np.array([*ends, *_cumulative(prompts), *_cumulative(behind)], np.int32),
        sizes,
    )


def _padded(numbers: np.ndarray, more: int, value: int) -> np.ndarray:
    return np.pad(numbers, (0, more), constant_values=value)


def _cumulative(sequences: Sequence[Sequence[int]]) -> list[int]:
    return list(accumulate(map(len, sequences), initial=0))


def _longest(sequences: Sequence[Sequence[int]]) -> int:
    # At least 2: for single tokens flash attention takes a way of its own.
    return max(2, *map(len, sequences), 2)
