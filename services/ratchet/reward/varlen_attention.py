"""Attention over a row of groups on CUDA, for any decoder of transformers.

Flash attention (Dao 2023, arXiv 2307.08691) by cumulative lengths, in two calls: every piece of the
row by itself, and all completions to their prompts; merged by their log-sum-exp, as
`reward.flat_attention` does on the CPU.
"""

from typing import Any

import torch
from transformers import AttentionInterface

from ratchet.reward.varlen_row import Sizes

NAME = "ratchet_varlen_row"

LARGEST_HEAD = 256
AMPERE = (8, 0)


def fits(config: Any, device: torch.device, dtype: torch.dtype) -> bool:
    """Whether the kernel takes the heads of a model, on this device and in this precision."""
    size: int = (
        getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    )
    return (
        device.type == "cuda"
        and torch.cuda.get_device_capability(device) >= AMPERE
        and dtype in (torch.bfloat16, torch.float16)
        and size % 8 == 0
        and size <= LARGEST_HEAD
    )


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
    keys and values. The operator is the one inside torch's `varlen_attn`, which takes shared heads
    under one signature in torch 2.11 and another in 2.13, and costs a further launch.
    """
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


@torch.library.custom_op("ratchet::varlen_row_attention", mutates_args=())
def varlen_row_attention(
    query_1HTD: torch.Tensor,
    key_1GTD: torch.Tensor,
    value_1GTD: torch.Tensor,
    cumulative_C: torch.Tensor,
    sizes: torch.Tensor,
    scaling: float,
) -> torch.Tensor:
    """Attention [1, T, H, D] inside every group of a row that is laid out as `VarlenRow` says."""
    layout = Sizes(*sizes.tolist())
    query_THD, key_TGD, value_TGD = (
        states[0].transpose(0, 1) for states in (query_1HTD, key_1GTD, value_1GTD)
    )
    pieces, prompts, behind = cumulative_C.split(
        [layout.pieces + 1, layout.shared + 1, layout.shared + 1]
    )
    longest = layout.longest_piece, layout.longest_piece
    out_THD, lse_HT = flash(query_THD, key_TGD, value_TGD, (pieces, pieces), longest, True, scaling)
    if layout.shared:
        shared, completions = (
            slice(layout.prompts_end),
            slice(layout.prompts_end, layout.completions_end),
        )
        back_CHD, back_lse_HC = flash(
            query_THD[completions],
            key_TGD[shared],
            value_TGD[shared],
            (behind, prompts),
            (layout.longest_behind, layout.longest_prompt),
            False,
            scaling,
        )
        share_HC = torch.sigmoid(back_lse_HC - lse_HT[:, completions])
        out_THD[completions].lerp_(back_CHD, share_HC.T[..., None].to(out_THD.dtype))
    return out_THD.contiguous()[None]


@varlen_row_attention.register_fake
def _shape(  # pyright: ignore[reportUnusedFunction]
    query_1HTD: torch.Tensor, *_others: Any
) -> torch.Tensor:
    _, heads, tokens, size = query_1HTD.shape
    return query_1HTD.new_empty(1, tokens, heads, size)


def attend(
    module: Any,
    query_1HTD: torch.Tensor,
    key_1GTD: torch.Tensor,
    value_1GTD: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    cumulative_C: torch.Tensor,
    sizes: torch.Tensor,
    scaling: float,
    sliding_window: int | None = None,
    softcap: float | None = None,
    s_aux: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """What transformers calls; the mask is never looked at.

    Raises:
        ValueError: the model wants more than plain attention, such as a window.
    """
    if sliding_window is not None or softcap is not None or s_aux is not None:
        raise ValueError("a varlen row has plain causal attention alone")
    return varlen_row_attention(
        query_1HTD, key_1GTD, value_1GTD, cumulative_C, sizes, scaling
    ), None


AttentionInterface.register(NAME, attend)  # pyright: ignore[reportArgumentType]
