"""Hidden states of prompts and completions, from the lowest layers of a language model."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import AutoConfig, AutoModel

from ratchet.reward import flat_attention
from ratchet.reward.decoders import sees_everything_before
from ratchet.reward.flat_row import FlatGroup, Span, flat_row
from ratchet.reward.packing import TokenGroup, pack

Depths = tuple[float, float]
"""Two depths, as shares of the layers, the shallow one first."""

DEPTHS: Depths = (1 / 6, 1 / 3)
"""Whose hidden states a judge reads (after layers 5 and 10 of 30).

What a criterion asks for shows there as well as further up (docs/decisions/features.md), and what
lies above is never computed.
"""


class HiddenStates(NamedTuple):
    """Of T tokens, after the layers of both depths."""

    shallow_TH: torch.Tensor
    deep_TH: torch.Tensor

    def of(self, span: Span) -> "HiddenStates":
        """Those of some of the tokens."""
        return HiddenStates(*(states_TH[span.start : span.end] for states_TH in self))


class GroupStates(NamedTuple):
    """Of a group: of its prompt, which is read once, and of each completion."""

    prompt: HiddenStates
    completions: list[HiddenStates]


class LowestLayers:
    """The lowest layers of a model, a judge's third or up to another depth, in float32.

    On the CPU nothing is padded where the decoder sees all that was before (`reward.flat_row`).
    """

    def __init__(self, folder: Path, depths: Depths = DEPTHS) -> None:
        config: Any = AutoConfig.from_pretrained(folder)
        layers = [round(config.num_hidden_layers * share) for share in depths]
        self._shallow, self._deep = (max(layer, 1) for layer in layers)
        config.num_hidden_layers = self._deep
        model: Any = AutoModel.from_pretrained(folder, config=config, dtype=torch.float32)
        # States are read as one layer hands them to the next.
        model.norm = torch.nn.Identity()
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._model = model.eval().to(self._device)
        self._pad_id: int = config.pad_token_id or 0
        self._hidden_size: int = config.hidden_size
        self.vocabulary: int = config.vocab_size
        self.context_tokens: int = config.max_position_embeddings
        plain = hasattr(model, "layers") and sees_everything_before(config)
        self.pads = self._device.type == "cuda" or not plain
        """Whether groups that are read together are padded to the longest."""
        if not self.pads:
            model.set_attn_implementation(flat_attention.NAME)

    @torch.inference_mode()
    def read(self, groups: Sequence[TokenGroup]) -> list[GroupStates]:
        """The states of every group, from one forward pass.

        Raises:
            ValueError: a prompt or a completion has no token.
        """
        inputs, laid = self._padded(groups) if self.pads else self._flat(groups)
        found = self._model(**inputs, output_hidden_states=True, use_cache=False).hidden_states
        states = HiddenStates(found[self._shallow].flatten(0, 1), found[self._deep].flatten(0, 1))
        return [
            GroupStates(states.of(group.prompt), [states.of(span) for span in group.completions])
            for group in laid
        ]

    def read_alone(self, sequences: Sequence[tuple[int, ...]]) -> HiddenStates:
        """The states of token sequences, one behind the other; none sees another.

        Raises:
            ValueError: a sequence has no token.
        """
        nothing = torch.zeros((0, self._hidden_size), device=self._device)
        # As prompts: those see nothing of what follows.
        groups = [TokenGroup(ids, ((0,),)) for ids in sequences]
        prompts = [group.prompt for group in (self.read(groups) if groups else ())]
        return HiddenStates(
            *map(torch.cat, zip(HiddenStates(nothing, nothing), *prompts, strict=True))
        )

    def _flat(self, groups: Sequence[TokenGroup]) -> tuple[dict[str, Any], Sequence[FlatGroup]]:
        row = flat_row(groups)
        inputs = {
            "input_ids": row.token_ids_1T,
            "position_ids": row.position_ids_1T,
            "layout_L": row.layout_L,
        }
        return inputs, row.groups

    def _padded(self, groups: Sequence[TokenGroup]) -> tuple[dict[str, Any], Sequence[FlatGroup]]:
        packed = pack(groups, self._pad_id).to(self._device)
        inputs = {
            "input_ids": packed.token_ids_BT,
            "position_ids": packed.position_ids_BT,
            "attention_mask": packed.attention_mask_B1TT,
        }
        width = packed.token_ids_BT.shape[1]
        spans = (
            Span(row * width + start, row * width + end) for row, start, end in packed.completions
        )
        laid = [
            FlatGroup(
                Span(row * width, row * width + len(group.prompt_ids)),
                tuple(islice(spans, len(group.completion_ids))),
            )
            for row, group in enumerate(groups)
        ]
        return inputs, laid
