"""The kernel of flash attention (Dao 2023, arXiv 2307.08691), for sequences one behind another."""

import importlib.util
from collections.abc import Callable
from functools import cache
from typing import Any

import torch

HOPPER = 9
"""Major compute capability."""


def flash(
    query_QHD: torch.Tensor,
    key_KGD: torch.Tensor,
    value_KGD: torch.Tensor,
    cumulative: tuple[torch.Tensor, torch.Tensor],
    longest: tuple[int, int],
    causal: bool,
    scaling: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Attention [Q, H, D] of each sequence's queries to its keys, and its log-sum-exp [H, Q].

    `cumulative` lengths and the `longest` of queries and of keys; H query heads share G heads of
    keys and values. Torch's own operator is the one inside its `varlen_attn`, which takes shared
    heads under one signature in torch 2.11 and another in 2.13, and costs a further launch.
    """
    if query_QHD.is_cuda and (hopper := flash_attention_4()):
        out_QHD, lse_HQ, *_ = hopper(
            query_QHD,
            key_KGD,
            value_KGD,
            cu_seqlens_q=cumulative[0],
            cu_seqlens_k=cumulative[1],
            max_seqlen_q=longest[0],
            max_seqlen_k=longest[1],
            softmax_scale=scaling,
            causal=causal,
            return_lse=True,
        )
        return out_QHD, lse_HQ
    out_QHD, lse_HQ, *_ = torch.ops.aten._flash_attention_forward(
        query_QHD,
        key_KGD,
        value_KGD,
        *cumulative,
        *longest,
        0.0,
        causal,
        False,
        scale=scaling,
    )
    return out_QHD, lse_HQ


@cache
def flash_attention_4() -> Callable[..., Any] | None:
    """The kernel written for Hopper, where there is such a card and the package is installed."""
    if not torch.cuda.is_available() or torch.cuda.get_device_capability()[0] != HOPPER:
        return None
    # Version 2 has a package of the same name.
    if not (importlib.util.find_spec("flash_attn") and importlib.util.find_spec("flash_attn.cute")):
        return None
    from flash_attn.cute.interface import (  # pyright: ignore[reportMissingImports]
        _flash_attn_fwd,
    )

    return _flash_attn_fwd
