"""Attention of one new token a row, by which keys that heads share are not copied for each head."""

from typing import Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

NAME = "ratchet_grouped"


def attend(
    module: torch.nn.Module,
    query_BHTD: torch.Tensor,
    key_BKSD: torch.Tensor,
    value_BKSD: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """As transformers calls it: the output [B, T, H, D], and no weights.

    H query heads share K heads of keys and values. Where there is one token, those that share a
    head are its queries: of H / K "tokens" that all see the same.
    """
    rows, heads, tokens, size = query_BHTD.shape
    if tokens > 1:
        return sdpa_attention_forward(
            module, query_BHTD, key_BKSD, value_BKSD, attention_mask, scaling=scaling, **kwargs
        )
    shared = key_BKSD.shape[1]
    out_BKGD = torch.nn.functional.scaled_dot_product_attention(
        query_BHTD.reshape(rows, shared, heads // shared, size),
        key_BKSD,
        value_BKSD,
        attn_mask=attention_mask,
        scale=scaling,
    )
    return out_BKGD.reshape(rows, 1, heads, size), None


AttentionInterface.register(NAME, attend)  # pyright: ignore[reportArgumentType]
AttentionMaskInterface.register(NAME, sdpa_mask)
