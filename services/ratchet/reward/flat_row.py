"""Groups of completions as one flat row without padding, for any decoder of transformers.

All groups of a batch lie in one row of tokens. Projections and feed-forward layers see the row as
it is; attention (`reward.flat_attention`) is told where each group is, and computes a prompt once
for all its completions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ratchet.reward.packing import TokenGroup


@dataclass(frozen=True)
class Span:
    """Tokens [start, end) of the row."""

    start: int
    end: int


@dataclass(frozen=True)
class FlatGroup:
    """Where a prompt and its completions lie, one behind the other."""

    prompt: Span
    completions: tuple[Span, ...]


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
    def last_tokens(self) -> list[int]:
        """Where each completion's last token lies, in order."""
        return [span.end - 1 for group in self.groups for span in group.completions]


def flat_row(groups: Sequence[TokenGroup]) -> FlatRow:
    """Lays groups out. Raises ValueError where a prompt or a completion has no token."""
    ids: list[int] = []
    positions: list[int] = []
    laid: list[FlatGroup] = []
    for group in groups:
        if not group.prompt_ids or not all(group.completion_ids):
            raise ValueError("a prompt and each of its completions need at least one token")
        prompt = Span(len(ids), len(ids) + len(group.prompt_ids))
        ids.extend(group.prompt_ids)
        positions.extend(range(len(group.prompt_ids)))
        completions: list[Span] = []
        for completion_ids in group.completion_ids:
            completions.append(Span(len(ids), len(ids) + len(completion_ids)))
            ids.extend(completion_ids)
            first = len(group.prompt_ids)
            positions.extend(range(first, first + len(completion_ids)))
        laid.append(FlatGroup(prompt, tuple(completions)))
    return FlatRow(torch.tensor([ids]), torch.tensor([positions]), tuple(laid))
