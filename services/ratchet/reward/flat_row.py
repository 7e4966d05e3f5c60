"""Groups of completions as one flat row without padding, for any decoder of transformers.

For the CPU. All groups of a batch lie in one row of tokens. Projections and feed-forward layers see
the row as it is; attention, registered with transformers under `NAME`, is told where each group is.
A prompt is computed once for all its completions: a completion's attention over the prompt and that
over itself are computed apart and merged by their log-sum-exp (Dao et al. 2022, arXiv 2205.14135,
section 3.1; shared prefixes as in Juravsky et al. 2024, arXiv 2402.05099).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import AttentionInterface

from ratchet.reward.packing import TokenGroup

NAME = "ratchet_flat_row"


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


def attend(
    module: torch.nn.Module,
    query_1HTD: torch.Tensor,
    key_1KTD: torch.Tensor,
    value_1KTD: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    flat_groups: Sequence[FlatGroup] = (),
    sliding_window: int | None = None,
    softcap: float | None = None,
    s_aux: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attention inside every group of the row; called by transformers, returns [1, T, H, D].

    H query heads share K heads of keys and values. The mask is never looked at.

    Raises:
        ValueError: the model wants more than plain attention, such as a window.
    """
    if sliding_window is not None or softcap is not None or s_aux is not None:
        raise ValueError("a flat row has plain causal attention alone")
    out_1THD = query_1HTD.new_empty(query_1HTD.transpose(1, 2).shape)

    def part(queries: Span, keys: Span, causal: bool) -> tuple[torch.Tensor, torch.Tensor]:
        out_1HQD, lse_1HQ = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
            query_1HTD[:, :, queries.start : queries.end],
            key_1KTD[:, :, keys.start : keys.end],
            value_1KTD[:, :, keys.start : keys.end],
            0.0,
            causal,
            attn_mask=None,
            scale=scaling,
        )
        return out_1HQD.transpose(1, 2), lse_1HQ.transpose(1, 2)

    for group in flat_groups:
        prompt, completions = group.prompt, group.completions
        if len(completions) == 1:  # Prompt and completion are one sequence.
            whole = Span(prompt.start, completions[0].end)
            out_1THD[:, whole.start : whole.end], _lse = part(whole, whole, causal=True)
            continue
        out_1THD[:, prompt.start : prompt.end], _lse = part(prompt, prompt, causal=True)
        if not completions:
            continue
        behind = Span(prompt.end, completions[-1].end)
        shared_1CHD, shared_lse_1CH = part(behind, prompt, causal=False)
        owns = [part(span, span, causal=True) for span in completions]
        own_1CHD = torch.cat([own for own, _lse in owns], dim=1)
        own_lse_1CH = torch.cat([lse for _own, lse in owns], dim=1)
        share_1CH1 = torch.sigmoid(shared_lse_1CH - own_lse_1CH)[..., None].to(own_1CHD.dtype)
        merged_1CHD = torch.lerp(own_1CHD, shared_1CHD, share_1CH1)
        out_1THD[:, behind.start : behind.end] = merged_1CHD
    return out_1THD, None


AttentionInterface.register(NAME, attend)  # pyright: ignore[reportArgumentType]
