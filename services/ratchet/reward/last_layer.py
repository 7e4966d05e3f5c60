"""The last layer of a decoder, computed only where a score is read."""

from collections.abc import Sequence
from typing import Any

import torch

from ratchet.reward import flat_attention

Rows = Sequence[int] | torch.Tensor


class LastLayer:
    """Computes of the last layer, keys and values aside, only what a score is read from."""

    def __init__(self, base_model: Any) -> None:
        layer = base_model.layers[-1]
        setattr(layer.self_attn, flat_attention.ONLY_LAST, True)
        self._parts: list[_OnlyRows] = []
        for module, name, part in (
            (layer.self_attn, "q_proj", _OnlyRows),
            (layer.self_attn, "o_proj", _OnlyRows),
            (layer, "mlp", _OnlyRows),
            (base_model, "norm", _Rows),
        ):
            if inner := getattr(module, name, None):
                self._parts.append(part(inner))
                setattr(module, name, self._parts[-1])
        self._rows: Rows = []
        self._norm = getattr(base_model, "norm", None)

    def read_only(self, rows: Rows) -> None:
        """Says where the next pass is read."""
        self._rows = rows
        for part in self._parts:
            part.rows = rows

    def read(self, states_1TH: torch.Tensor) -> torch.Tensor:
        """Of what a pass gave, the states [N, H] that `read_only` asked for."""
        return states_1TH[0] if isinstance(self._norm, _Rows) else states_1TH[0, self._rows]


class _OnlyRows(torch.nn.Module):
    """A part of a layer that is 0 wherever nobody reads it."""

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.rows: Rows = []

    def forward(self, states_1TH: torch.Tensor) -> torch.Tensor:
        found_1RH = self.inner(states_1TH[:, self.rows])
        out_1TH = found_1RH.new_zeros(*states_1TH.shape[:2], found_1RH.shape[2])
        out_1TH[:, self.rows] = found_1RH
        return out_1TH


class _Rows(_OnlyRows):
    """A last part, which gives nothing but what is read."""

    def forward(self, states_1TH: torch.Tensor) -> torch.Tensor:
        return self.inner(states_1TH[:, self.rows])
