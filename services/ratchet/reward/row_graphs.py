"""CUDA graphs of whole passes: one launch where there were hundreds.

A graph has its sizes for good: so many tokens, pieces, and a longest piece. There is one for each
of some sizes, and a row that fits one is padded to the smallest. Attention passes over the padding
(`varlen_row.Layout.padded`); the rest of a layer does not. There are four sizes from one power of
two to the next, and a row of many short pieces that would be padded by half and more has none.
"""

import bisect
from collections.abc import Callable
from typing import Any

import torch

from ratchet.reward.device_copy import copied_to
from ratchet.reward.packing import TokenGroup
from ratchet.reward.varlen_row import Layout, VarlenRow, lay_out

FEWEST_TOKENS = 512
SIZES_OF_A_DOUBLING = 4

PIECE_TOKENS = 128
"""A row has room for one piece for so many of its tokens: room that is not used costs attention."""

MOST_PADDED = 1.5
"""Tokens of a padded row for each of its own, above which it is computed as it is."""

SHORTEST, LONGEST = 512, 4096
"""Bounds of the longest piece; where one is longer, launches take no time to speak of."""

Compute = Callable[[VarlenRow], torch.Tensor]
Replay = Callable[[], torch.Tensor]


class RowGraphs:
    """Passes of a model over rows in which no prompt is shared.

    Args:
        compute: outputs [N, L] of a row; what it does is the same for all rows of the same sizes.
        max_tokens: no graph is for a longer row.
        context_tokens: of the longest piece there can be.
        device: where the model is.
        capture: makes a graph of a pass.
    """

    def __init__(
        self,
        compute: Compute,
        max_tokens: int,
        context_tokens: int,
        device: torch.device,
        capture: Callable[[Callable[[], torch.Tensor]], Replay],
    ) -> None:
        self._tokens = _sizes(max_tokens)
        self._graphs: dict[tuple[int, int], _Graph] = {}
        for tokens in reversed(self._tokens):  # The memory of the largest does for all.
            for longest in _longests(min(tokens, context_tokens)):
                self._graphs[tokens, longest] = _Graph(compute, tokens, longest, device, capture)

    def outputs(self, layout: Layout) -> torch.Tensor | None:
        """Outputs [N or more, L], which the next pass overwrites; None where no graph fits."""
        sizes = layout.sizes
        if sizes.shared:
            return None
        tokens = max(len(layout.token_ids_T), PIECE_TOKENS * sizes.pieces)
        longest = max(1 << (sizes.longest_piece - 1).bit_length(), SHORTEST)
        at = bisect.bisect_left(self._tokens, tokens)
        if at == len(self._tokens):
            return None
        padded = self._tokens[at]
        if padded > MOST_PADDED * max(len(layout.token_ids_T), FEWEST_TOKENS):
            return None
        graph = self._graphs.get((padded, longest))
        return graph.outputs(layout) if graph else None


class CudaCapture:
    """Makes CUDA graphs that share their memory, and so run one at a time."""

    def __init__(self) -> None:
        self._pool: Any = torch.cuda.graph_pool_handle()
        # One for all: cuBLAS keeps a workspace for each.
        self._stream = torch.cuda.Stream()

    def __call__(self, compute: Callable[[], torch.Tensor]) -> Replay:
        """What computes the same again, from the same memory and to the same memory."""
        stream = self._stream
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):  # The first time, kernels are chosen and loaded.
            compute()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, self._pool, stream, capture_error_mode="thread_local"):
            found = compute()

        def replay() -> torch.Tensor:
            graph.replay()
            return found

        return replay


class _Graph:
    """One pass of fixed sizes."""

    def __init__(
        self,
        compute: Compute,
        tokens: int,
        longest: int,
        device: torch.device,
        capture: Callable[[Callable[[], torch.Tensor]], Replay],
    ) -> None:
        self._sizes = tokens, tokens // PIECE_TOKENS, longest
        layout = lay_out([TokenGroup((0,), ((0,),))]).padded(*self._sizes)
        self._device = device
        self._numbers_I = layout.numbers_I.to(device)
        row = layout.row(self._numbers_I)
        self._replay = capture(lambda: compute(row))

    def outputs(self, layout: Layout) -> torch.Tensor:
        numbers_I = layout.padded(*self._sizes).numbers_I
        self._numbers_I.copy_(copied_to(self._device, numbers_I))
        return self._replay()


def _sizes(max_tokens: int) -> list[int]:
    found: list[int] = []
    size = FEWEST_TOKENS
    while size <= max_tokens:
        found.append(size)
        size += (1 << (size.bit_length() - 1)) // SIZES_OF_A_DOUBLING
    return found


def _longests(tokens: int) -> list[int]:
    """Powers of two, up to the first that holds all tokens."""
    found = [SHORTEST]
    while found[-1] < min(tokens, LONGEST):
        found.append(2 * found[-1])
    return found
