"""Groups of completions as one flat row without padding, for any decoder of transformers.

All groups of a batch lie in one row of tokens. Projections and feed-forward layers see the row as
it is; attention (`reward.flat_attention`) is told where each group is, and computes a prompt once
for all its completions. Of a prompt whose beginning is known (`reward.prefix_cache`) only the rest
lies in the row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ratchet.reward.packing import TokenGroup
from ratchet.reward.prefix_cache import NOTHING_KNOWN, Prefix


@dataclass(frozen=True)
class Span:
    """Tokens [start, end) of the row."""

    start: int
    end: int


@dataclass(frozen=True)
class FlatGroup:
    """Where a prompt, or what is not known of it, and its completions lie, one behind the other."""

    prompt: Span
    completions: tuple[Span, ...]
    prefix: Prefix = NOTHING_KNOWN


@dataclass(frozen=True)
class FlatRow:
    """A batch of groups in a row of T tokens."""

    token_ids_1T: torch.Tensor
    position_ids_1T: torch.Tensor
    groups: tuple[FlatGroup, ...]

    @property
    def layout_L(self) -> torch.Tensor:
        """Four numbers for each completion: where prompt and completion begin and end.

        In a flat tensor: for any other kind a compiled model would be compiled more than once.
        """
        return torch.tensor(
            [
                position
                for group in self.groups
                for span in group.completions
                for position in (group.prompt.start, group.prompt.end, span.start, span.end)
            ]
        )

    @property
    def slots_L(self) -> torch.Tensor:
        """For each group two numbers, then so many slots: what is known, what is to be kept."""
        return torch.tensor(
            [
                number
                for prefix in (group.prefix for group in self.groups)
                for number in (len(prefix.known), len(prefix.new), *prefix.known, *prefix.new)
            ]
        )

    @property
    def last_tokens(self) -> list[int]:
        """Where each completion's last token lies, in order."""
        return [span.end - 1 for group in self.groups for span in group.completions]


def flat_row(groups: Sequence[TokenGroup], prefixes: Sequence[Prefix] = ()) -> FlatRow:
    """Lays groups out, each without what its prefix says is known, where there are prefixes.

    Raises ValueError where a prompt or a completion has no token.
    """
    ids: list[int] = []
    positions: list[int] = []
    laid: list[FlatGroup] = []
    for group, prefix in zip(groups, prefixes or [NOTHING_KNOWN] * len(groups), strict=True):
        if not group.prompt_ids or not all(group.completion_ids):
            raise ValueError("a prompt and each of its completions need at least one token")
        known, length = len(prefix.known), len(group.prompt_ids)
        prompt = Span(len(ids), len(ids) + length - known)
        ids.extend(group.prompt_ids[known:])
        positions.extend(range(known, length))
        completions: list[Span] = []
        for completion_ids in group.completion_ids:
            completions.append(Span(len(ids), len(ids) + len(completion_ids)))
            ids.extend(completion_ids)
            positions.extend(range(length, length + len(completion_ids)))
        laid.append(FlatGroup(prompt, tuple(completions), prefix))
    return FlatRow(torch.tensor([ids]), torch.tensor([positions]), tuple(laid))
