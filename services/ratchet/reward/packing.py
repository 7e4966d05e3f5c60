"""Groups of completions packed behind the prompt that they share.

A group is one row: the prompt once, then every completion. A completion's tokens see the prompt and
their own past, never another completion, and their positions go on from the prompt's end. The
prompt is thus computed once for all its completions, in the judge as in the learner.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch


@dataclass(frozen=True)
class TokenGroup:
    """One prompt and the completions to it, as token ids."""

    prompt_ids: tuple[int, ...]
    completion_ids: tuple[tuple[int, ...], ...]

    @cached_property
    def length(self) -> int:
        """Tokens of the packed row."""
        return len(self.prompt_ids) + sum(len(ids) for ids in self.completion_ids)


WARM_UP = TokenGroup((0,) * 8, ((0,) * 8, (0,) * 4))
"""The row and its layout are of lengths that no size of a model equals: torch would take two that
are equal here for the same, and compile again where they are not."""


class PackedGroup(TokenGroup):
    """A group of packed token ids (little-endian uint32), unpacked where they are first read."""

    def __init__(self, prompt: bytes, completions: tuple[bytes, ...]) -> None:
        fields = self.__dict__
        fields["_prompt"], fields["_completions"] = prompt, completions
        fields["length"] = (len(prompt) + sum(map(len, completions))) // 4

    @cached_property
    def prompt_ids(self) -> tuple[int, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Of the prompt."""
        return _unpacked(vars(self)["_prompt"])

    @cached_property
    def completion_ids(self) -> tuple[tuple[int, ...], ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Of every completion."""
        return tuple(map(_unpacked, vars(self)["_completions"]))


def _unpacked(packed: bytes) -> tuple[int, ...]:
    return tuple(np.frombuffer(packed, "<u4").tolist())


def join_prompts(groups: Sequence[TokenGroup]) -> tuple[list[TokenGroup], list[int]]:
    """Groups of one prompt as one group.

    And of every completion, in the order of `groups`, which of the joined groups' completions it
    is.
    """
    joined: dict[tuple[int, ...], list[tuple[int, tuple[int, ...]]]] = {}
    count = 0
    for group in groups:
        of_prompt = joined.setdefault(group.prompt_ids, [])
        of_prompt += enumerate(group.completion_ids, start=count)
        count += len(group.completion_ids)
    order = [asked for of_prompt in joined.values() for asked, _ in of_prompt]
    return (
        [
            TokenGroup(prompt_ids, tuple(ids for _, ids in of_prompt))
            for prompt_ids, of_prompt in joined.items()
        ],
        np.argsort(order).tolist(),
    )


@dataclass(frozen=True)
class Packed:
    """Rows ready for a decoder; B rows of T tokens, padded at the end.

    `completions` holds (row, start, end) of every completion in the order of the groups.
    """

    token_ids_BT: torch.Tensor
    position_ids_BT: torch.Tensor
    attention_mask_B1TT: torch.Tensor
    completions: tuple[tuple[int, int, int], ...]
    prompt_ends: tuple[int, ...]

    def to(self, device: torch.device) -> "Packed":
        """The same on another device."""
        return replace(
            self,
            token_ids_BT=self.token_ids_BT.to(device),
            position_ids_BT=self.position_ids_BT.to(device),
            attention_mask_B1TT=self.attention_mask_B1TT.to(device),
        )


def pack(groups: Sequence[TokenGroup], pad_id: int) -> Packed:
    """Lays groups out as rows. Raises ValueError where a prompt or a completion has no token."""
    rows, width = len(groups), max(group.length for group in groups)
    token_ids_BT = torch.full((rows, width), pad_id, dtype=torch.long)
    position_ids_BT = torch.zeros((rows, width), dtype=torch.long)
    segment_BT = torch.full((rows, width), -1, dtype=torch.long)  # 0: prompt, j: completion j
    completions: list[tuple[int, int, int]] = []
    for row, group in enumerate(groups):
        if not group.prompt_ids or not all(group.completion_ids):
            raise ValueError("a prompt and each of its completions need at least one token")
        prompt = len(group.prompt_ids)
        ids = list(group.prompt_ids)
        position_ids_BT[row, :prompt] = torch.arange(prompt)
        segment_BT[row, :prompt] = 0
        for segment, completion_ids in enumerate(group.completion_ids, start=1):
            start, end = len(ids), len(ids) + len(completion_ids)
            position_ids_BT[row, start:end] = torch.arange(prompt, prompt + end - start)
            segment_BT[row, start:end] = segment
            completions.append((row, start, end))
            ids.extend(completion_ids)
        token_ids_BT[row, : len(ids)] = torch.tensor(ids)
    causal_TT = torch.ones((width, width), dtype=torch.bool).tril()
    query_BT1, key_B1T = segment_BT[:, :, None], segment_BT[:, None, :]
    # Padding attends to padding, so that no row of the softmax is empty.
    sees_BTT = causal_TT & ((key_B1T == query_BT1) | ((key_B1T == 0) & (query_BT1 > 0)))
    return Packed(
        token_ids_BT,
        position_ids_BT,
        sees_BTT[:, None],
        tuple(completions),
        tuple(len(group.prompt_ids) for group in groups),
    )


def target_positions(packed: Packed) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(rows_N, positions_N, targets_N): where each completion token is predicted, and which it is.

    A completion's first token is predicted at its prompt's last position. All on the device of
    the packed tokens.
    """
    rows: list[int] = []
    positions: list[int] = []
    targets: list[torch.Tensor] = []
    for row, start, end in packed.completions:
        rows.extend([row] * (end - start))
        positions.extend([packed.prompt_ends[row] - 1, *range(start, end - 1)])
        targets.append(packed.token_ids_BT[row, start:end])
    device = packed.token_ids_BT.device
    where = torch.tensor([rows, positions], device=device)
    return where[0], where[1], torch.cat(targets)
