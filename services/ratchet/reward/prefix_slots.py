"""Keys and values that outlast a pass: for every layer of a decoder two tensors of S slots."""

from collections.abc import Iterator
from typing import Any

import torch

KEPT_KEYS, KEPT_VALUES = "ratchet_kept_keys", "ratchet_kept_values"
"""Buffers of an attention module."""

KeysValues = tuple[torch.Tensor, torch.Tensor]
"""Of so many tokens, for K heads: both [1, K, tokens, D]."""


def add_slots(decoder: Any, slots: int) -> None:
    """Gives every attention module of a decoder of transformers so many slots."""
    with torch.no_grad():  # Of two tokens, to see what shape is asked for.
        seen = decoder(input_ids=torch.zeros((1, 2), dtype=torch.long), use_cache=True)
    for layer, states in zip(decoder.layers, seen.past_key_values.layers, strict=True):
        for name, seen_1KTD in ((KEPT_KEYS, states.keys), (KEPT_VALUES, states.values)):
            _, heads, _, size = seen_1KTD.shape
            kept_SKD = seen_1KTD.new_empty(slots, heads, size)
            layer.self_attn.register_buffer(name, kept_SKD, persistent=False)


def split_slots(slots_L: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Of every group in `FlatRow.slots_L` the slots of what is known, and of what is new."""
    at = 0
    while at < len(slots_L):
        known, new = slots_L[at : at + 2].tolist()
        at += 2 + known + new
        yield slots_L[at - new - known : at - new], slots_L[at - new : at]


def put(
    prompt: KeysValues, slots_N: torch.Tensor, keys_SKD: torch.Tensor, values_SKD: torch.Tensor
) -> None:
    """Puts the first N tokens of a prompt into slots."""
    for kept_SKD, of_prompt_1KPD in zip((keys_SKD, values_SKD), prompt, strict=True):
        first_NKD = of_prompt_1KPD[0, :, : len(slots_N)].transpose(0, 1)
        # Whole rows at once: half the time of what torch does in three dimensions.
        kept_SKD.flatten(1).index_copy_(0, slots_N, first_NKD.flatten(1))


def get(
    slots_N: torch.Tensor, keys_SKD: torch.Tensor, values_SKD: torch.Tensor
) -> KeysValues | None:
    """What lies in N slots, if they are any."""
    if not len(slots_N):
        return None
    keys_1KND, values_1KND = (
        kept_SKD.index_select(0, slots_N).transpose(0, 1)[None]
        for kept_SKD in (keys_SKD, values_SKD)
    )
    return keys_1KND, values_1KND
