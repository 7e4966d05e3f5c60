"""What the CUDA kernel computes, from its definition and on the CPU, to put in its place."""

import torch


def dense_flash(
    query_QHD: torch.Tensor,
    key_KGD: torch.Tensor,
    value_KGD: torch.Tensor,
    cumulative: tuple[torch.Tensor, torch.Tensor],
    longest: tuple[int, int],
    causal: bool,
    scaling: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    queries, keys = (lengths.tolist() for lengths in cumulative)
    assert queries[-1] <= len(query_QHD)
    assert keys[-1] <= len(key_KGD)
    heads = query_QHD.shape[1]
    key_KHD, value_KHD = (
        states.repeat_interleave(heads // states.shape[1], dim=1) for states in (key_KGD, value_KGD)
    )
    out_QHD = torch.full_like(query_QHD, torch.nan)
    lse_HQ = torch.full((heads, len(query_QHD)), torch.nan, dtype=query_QHD.dtype)
    bounds = zip(queries, queries[1:], keys, keys[1:], strict=False)
    for first_query, end_query, first_key, end_key in bounds:
        assert 0 <= end_query - first_query <= longest[0]
        assert (end_query > first_query) <= (0 < end_key - first_key <= longest[1])
        asked, found = slice(first_query, end_query), slice(first_key, end_key)
        logits_HQK = scaling * torch.einsum("qhd,khd->hqk", query_QHD[asked], key_KHD[found])
        if causal:
            sees_QK = torch.ones(logits_HQK.shape[1:], dtype=torch.bool).tril()
            logits_HQK = logits_HQK.masked_fill(~sees_QK, -torch.inf)
        out_QHD[asked] = torch.einsum("hqk,khd->qhd", logits_HQK.softmax(-1), value_KHD[found])
        lse_HQ[:, asked] = logits_HQK.logsumexp(-1)
    return out_QHD, lse_HQ
