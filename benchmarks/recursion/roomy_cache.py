"""Keys and values with room for the tokens to come, so that none is ever copied to append one."""

from typing import Any, cast

import torch
from transformers.cache_utils import Cache, DynamicCache, DynamicLayer


class RoomyLayer(DynamicLayer):
    """Of one layer: B rows, K heads, T tokens so far, each of size D."""

    def __init__(self, keys_BKTD: torch.Tensor, values_BKTD: torch.Tensor, room: int) -> None:
        super().__init__()
        self.lazy_initialization(keys_BKTD, values_BKTD)
        self._used = keys_BKTD.shape[2]
        self._roomy = [_with_room(states, room) for states in (keys_BKTD, values_BKTD)]
        self.keys, self.values = self._written()

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Appends the states of further tokens; returns all."""
        end = self._used + key_states.shape[2]
        for roomy, new in zip(self._roomy, (key_states, value_states), strict=True):
            roomy[:, :, self._used : end] = new
        self._used = end
        self.keys, self.values = found = self._written()
        return found

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keeps some of the rows."""
        self._roomy = [roomy[indices] for roomy in self._roomy]
        self.keys, self.values = self._written()

    def _written(self) -> tuple[torch.Tensor, torch.Tensor]:
        keys, values = (roomy[:, :, : self._used] for roomy in self._roomy)
        return keys, values


def roomy(cache: DynamicCache, repeats: int, room: int) -> Cache:
    """Each row of a cache `repeats` times, with room for so many tokens more."""
    layers: list[Any] = []
    for layer in cast(list[DynamicLayer], cache.layers):
        assert layer.keys is not None and layer.values is not None, "the cache has read something"
        keys, values = (
            states.repeat_interleave(repeats, dim=0) for states in (layer.keys, layer.values)
        )
        layers.append(RoomyLayer(keys, values, room))
    return Cache(layers=layers)


def _with_room(states_BKTD: torch.Tensor, room: int) -> torch.Tensor:
    return torch.nn.functional.pad(states_BKTD, (0, 0, 0, room))
