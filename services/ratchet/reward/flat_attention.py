"""Attention over a flat row of groups on the CPU, for any decoder of transformers.

A completion's attention over the prompt and that over itself are computed apart and merged by their
log-sum-exp (Dao et al. 2022, arXiv 2205.14135, section 3.1; shared prefixes as in Juravsky et al.
2024, arXiv 2402.05099).
"""

from itertools import groupby
from typing import Any

import torch
from transformers import AttentionInterface

from ratchet.reward.flat_row import FlatGroup, Span

NAME = "ratchet_flat_row"

ONLY_LAST = "ratchet_only_last"
"""Attribute of an attention module."""


class _Row:
    """Queries, keys and values of the row; H query heads share K heads of keys and values."""

    def __init__(
        self,
        query_1HTD: torch.Tensor,
        key_1KTD: torch.Tensor,
        value_1KTD: torch.Tensor,
        scaling: float,
    ) -> None:
        self._query_1HTD, self._key_1KTD, self._value_1KTD = query_1HTD, key_1KTD, value_1KTD
        self._scaling = scaling

    def part(
        self, queries: Span, keys: Span, causal: bool = False
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Attention [1, Q, H, D] of the queries to the keys alone, and its log-sum-exp."""
        out_1HQD, lse_1HQ = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
            self._query_1HTD[:, :, queries.start : queries.end],
            self._key_1KTD[:, :, keys.start : keys.end],
            self._value_1KTD[:, :, keys.start : keys.end],
            0.0,
            causal,
            attn_mask=None,
            scale=self._scaling,
        )
        return out_1HQD.transpose(1, 2), lse_1HQ.transpose(1, 2)


@torch.library.custom_op("ratchet::flat_row_attention", mutates_args=())
def flat_row_attention(
    query_1HTD: torch.Tensor,
    key_1KTD: torch.Tensor,
    value_1KTD: torch.Tensor,
    layout_L: torch.Tensor,
    scaling: float,
    only_last: bool,
) -> torch.Tensor:
    """Attention [1, T, H, D] inside every group of the row, laid out as `FlatRow.layout_L` says.

    With `only_last` only where the completions' last tokens stand; the rest is 0.
    """
    out_1THD = torch.zeros_like(query_1HTD.transpose(1, 2), memory_format=torch.contiguous_format)
    row = _Row(query_1HTD, key_1KTD, value_1KTD, scaling)
    attend = _last_tokens if only_last else _all_tokens
    for group in _groups(layout_L):
        for where, attended_1QHD in attend(row, group):
            out_1THD[:, where.start : where.end] = attended_1QHD
    return out_1THD


@flat_row_attention.register_fake
def _shape(  # pyright: ignore[reportUnusedFunction]
    query_1HTD: torch.Tensor, *_others: Any
) -> torch.Tensor:
    _, heads, tokens, size = query_1HTD.shape
    return query_1HTD.new_empty(1, tokens, heads, size)


def _all_tokens(row: _Row, group: FlatGroup) -> list[tuple[Span, torch.Tensor]]:
    prompt, completions = group.prompt, group.completions
    if len(completions) == 1:  # Prompt and completion are one sequence.
        whole = Span(prompt.start, completions[0].end)
        return [(whole, row.part(whole, whole, causal=True)[0])]
    behind = Span(prompt.end, completions[-1].end)
    owns = [row.part(span, span, causal=True) for span in completions]
    own_1CHD, own_lse_1CH = (torch.cat(parts, dim=1) for parts in zip(*owns, strict=True))
    merged_1CHD = _merge((own_1CHD, own_lse_1CH), row.part(behind, prompt))
    return [(prompt, row.part(prompt, prompt, causal=True)[0]), (behind, merged_1CHD)]


def _last_tokens(row: _Row, group: FlatGroup) -> list[tuple[Span, torch.Tensor]]:
    lasts = [Span(span.end - 1, span.end) for span in group.completions]
    return [
        (last, _merge(row.part(last, span), row.part(last, group.prompt)))
        for last, span in zip(lasts, group.completions, strict=True)
    ]


def _merge(
    own: tuple[torch.Tensor, torch.Tensor], shared: tuple[torch.Tensor, torch.Tensor]
) -> torch.Tensor:
    (own_1QHD, own_lse_1QH), (shared_1QHD, shared_lse_1QH) = own, shared
    share_1QH1 = torch.sigmoid(shared_lse_1QH - own_lse_1QH)[..., None].to(own_1QHD.dtype)
    return torch.lerp(own_1QHD, shared_1QHD, share_1QH1)


def _groups(layout_L: torch.Tensor) -> list[FlatGroup]:
    rows: list[list[int]] = layout_L.view(-1, 4).tolist()
    return [
        FlatGroup(Span(*prompt), tuple(Span(*row[2:]) for row in of_prompt))
        for prompt, of_prompt in groupby(rows, key=lambda row: (row[0], row[1]))
    ]


def attend(
    module: Any,
    query_1HTD: torch.Tensor,
    key_1KTD: torch.Tensor,
    value_1KTD: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    layout_L: torch.Tensor,
    scaling: float,
    sliding_window: int | None = None,
    softcap: float | None = None,
    s_aux: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """What transformers calls; the mask is never looked at.

    A module with a true `ONLY_LAST` attends only where the completions' last tokens stand.

    Raises:
        ValueError: the model wants more than plain attention, such as a window.
    """
    if sliding_window is not None or softcap is not None or s_aux is not None:
        raise ValueError("a flat row has plain causal attention alone")
    only_last = getattr(module, ONLY_LAST, False)
    out_1THD = flat_row_attention(query_1HTD, key_1KTD, value_1KTD, layout_L, scaling, only_last)
    return out_1THD, None


AttentionInterface.register(NAME, attend)  # pyright: ignore[reportArgumentType]
