"""Attention over a flat row of groups on the CPU, for any decoder of transformers.

A completion's attention over the prompt and that over itself are computed apart and merged by their
log-sum-exp (Dao et al. 2022, arXiv 2205.14135, section 3.1; shared prefixes as in Juravsky et al.
2024, arXiv 2402.05099). Where a model keeps prefixes, those of every layer lie in two tensors of S
slots, which the attention reads from and writes to.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import torch
from transformers import AttentionInterface

from ratchet.reward.flat_row import FlatGroup, Span
from ratchet.reward.prefix_slots import KEPT_KEYS, KEPT_VALUES, KeysValues, get, put, split_slots

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
        only_last: bool,
    ) -> None:
        self._query_1HTD, self._key_1KTD, self._value_1KTD = query_1HTD, key_1KTD, value_1KTD
        self._scaling = scaling
        make = torch.zeros_like if only_last else torch.empty_like
        self.out_1THD = make(query_1HTD.transpose(1, 2), memory_format=torch.contiguous_format)

    def seen(self, span: Span) -> KeysValues:
        """Keys and values of a part of the row."""
        where = slice(span.start, span.end)
        return self._key_1KTD[:, :, where], self._value_1KTD[:, :, where]

    def attend(self, queries: Span, seen: KeysValues, causal: bool = False) -> torch.Tensor:
        """Has the queries attend to these keys alone, and returns their log-sum-exp [1, Q, H]."""
        out_1QHD, lse_1QH = self._part(queries, seen, causal)
        self._out_of(queries).copy_(out_1QHD)
        return lse_1QH

    def attend_also(self, queries: Span, lse_1QH: torch.Tensor, seen: KeysValues) -> None:
        """Has queries that did attend, with this log-sum-exp, attend to these keys, too."""
        also_1QHD, also_lse_1QH = self._part(queries, seen)
        share_1QH1 = torch.sigmoid(also_lse_1QH - lse_1QH)[..., None].to(also_1QHD.dtype)
        self._out_of(queries).lerp_(also_1QHD, share_1QH1)

    def _out_of(self, span: Span) -> torch.Tensor:
        return self.out_1THD[:, span.start : span.end]

    def _part(
        self, queries: Span, seen: KeysValues, causal: bool = False
    ) -> tuple[torch.Tensor, torch.Tensor]:
        out_1HQD, lse_1HQ = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
            self._query_1HTD[:, :, queries.start : queries.end],
            *seen,
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
    row = _Row(query_1HTD, key_1KTD, value_1KTD, scaling, only_last)
    return _attention(row, ((group, None) for group in _groups(layout_L)), only_last)


@torch.library.custom_op(
    "ratchet::flat_row_attention_kept", mutates_args=("keys_SKD", "values_SKD")
)
def flat_row_attention_kept(
    query_1HTD: torch.Tensor,
    key_1KTD: torch.Tensor,
    value_1KTD: torch.Tensor,
    layout_L: torch.Tensor,
    scaling: float,
    only_last: bool,
    slots_L: torch.Tensor,
    keys_SKD: torch.Tensor,
    values_SKD: torch.Tensor,
) -> torch.Tensor:
    """The same where prompts begin with keys and values that an earlier pass has kept.

    `slots_L` (`FlatRow.slots_L`) says in which of the S slots they are, and where this pass puts
    its own.
    """
    row = _Row(query_1HTD, key_1KTD, value_1KTD, scaling, only_last)

    def exchanged() -> Iterator[tuple[FlatGroup, KeysValues | None]]:
        for group, (known, new) in zip(_groups(layout_L), split_slots(slots_L), strict=True):
            if len(new):
                put(row.seen(group.prompt), new, keys_SKD, values_SKD)
            yield group, get(known, keys_SKD, values_SKD)

    return _attention(row, exchanged(), only_last)


@flat_row_attention.register_fake
@flat_row_attention_kept.register_fake
def _shape(query_1HTD: torch.Tensor, *_others: Any) -> torch.Tensor:
    _, heads, tokens, size = query_1HTD.shape
    return query_1HTD.new_empty(1, tokens, heads, size)


def _attention(
    row: _Row, groups: Iterable[tuple[FlatGroup, KeysValues | None]], only_last: bool
) -> torch.Tensor:
    attend = _last_tokens if only_last else _all_tokens
    for group, known in groups:
        attend(row, group, known)
    return row.out_1THD


def _all_tokens(row: _Row, group: FlatGroup, known: KeysValues | None) -> None:
    prompt, completions = group.prompt, group.completions
    if len(completions) == 1:  # Prompt and completion are one sequence.
        prompt = Span(prompt.start, completions[0].end)
    else:
        behind = Span(prompt.end, completions[-1].end)
        lses = [row.attend(span, row.seen(span), causal=True) for span in completions]
        row.attend_also(behind, torch.cat(lses, dim=1), _joined(known, row.seen(prompt)))
    if prompt.start < prompt.end:
        lse_1PH = row.attend(prompt, row.seen(prompt), causal=True)
        if known:
            row.attend_also(prompt, lse_1PH, known)


def _last_tokens(row: _Row, group: FlatGroup, known: KeysValues | None) -> None:
    shared = _joined(known, row.seen(group.prompt))
    for span in group.completions:
        last = Span(span.end - 1, span.end)
        row.attend_also(last, row.attend(last, row.seen(span)), shared)


def _joined(known: KeysValues | None, rest: KeysValues) -> KeysValues:
    if known is None or not rest[0].shape[2]:
        return known or rest
    keys, values = (torch.cat(parts, dim=2) for parts in zip(known, rest, strict=True))
    return keys, values


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
    slots_L: torch.Tensor | None = None,
    sliding_window: int | None = None,
    softcap: float | None = None,
    s_aux: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """What transformers calls; the mask is never looked at.

    A module with a true `ONLY_LAST` attends only where the completions' last tokens stand;
    `slots_L` is for modules that have slots (`reward.prefix_slots`).

    Raises:
        ValueError: the model wants more than plain attention, such as a window.
    """
    if sliding_window is not None or softcap is not None or s_aux is not None:
        raise ValueError("a flat row has plain causal attention alone")
    only_last = getattr(module, ONLY_LAST, False)
    asked = query_1HTD, key_1KTD, value_1KTD, layout_L, scaling, only_last
    if slots_L is None:
        return flat_row_attention(*asked), None
    kept = getattr(module, KEPT_KEYS), getattr(module, KEPT_VALUES)
    return flat_row_attention_kept(*asked, slots_L, *kept), None


AttentionInterface.register(NAME, attend)  # pyright: ignore[reportArgumentType]
