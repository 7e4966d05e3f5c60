"""The last layer of a decoder, computed only where a score is read."""

from typing import Any

import torch

from ratchet.reward import flat_attention


class LastLayer:
    """Computes of the last layer, keys and values aside, only what a score is read from."""

    def __init__(self, layer: Any) -> None:
        setattr(layer.self_attn, flat_attention.ONLY_LAST, True)
        self._parts: list[_OnlyRows] = []
        for module, name in (
            (layer.self_attn, "q_proj"),
            (layer.self_attn, "o_proj"),
            (layer, "mlp"),
        ):
            if inner := getattr(module, name, None):
                self._parts.append(_OnlyRows(inner))
                setattr(module, name, self._parts[-1])

    def read_only(self, rows: list[int] | torch.Tensor) -> None:
        """Says where the next pass is read."""
        for part in self._parts:
            part.rows = rows


class _OnlyRows(torch.nn.Module):
    """A part of a layer that is 0 wherever nobody reads it."""

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.rows: list[int] | torch.Tensor = []

    def forward(self, states_1TH: torch.Tensor) -> torch.Tensor:
        found_1RH = self.inner(states_1TH[:, self.rows])
        out_1TH = found_1RH.new_zeros(*states_1TH.shape[:2], found_1RH.shape[2])
        out_1TH[:, self.rows] = found_1RH
        return out_1TH
