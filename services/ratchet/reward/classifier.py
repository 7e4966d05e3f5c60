"""Reward models in Hugging Face layout: sequence classifiers of one label or many."""

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification

from ratchet.process.hardware import fast_bfloat16
from ratchet.reward import flat_attention, varlen_attention
from ratchet.reward.decoders import sees_everything_before
from ratchet.reward.device_copy import copied_to, copied_to_cpu
from ratchet.reward.flat_row import flat_row
from ratchet.reward.last_layer import LastLayer
from ratchet.reward.packing import WARM_UP, TokenGroup, join_prompts, pack
from ratchet.reward.prefix_cache import PrefixCache
from ratchet.reward.prefix_slots import add_slots
from ratchet.reward.row_graphs import CudaCapture, RowGraphs
from ratchet.reward.varlen_row import VarlenRow, lay_out

log = logging.getLogger(__name__)

CountTokens = Callable[[int, int], None]
"""Told after a pass of how many prompt tokens were known, and how many were computed."""


class Classifier:
    """Any model that loads with AutoModelForSequenceClassification.

    Decoders that see all that was before read a group's prompt once, and nothing is padded: on the
    CPU (`reward.flat_row`), and on CUDA in half precision (`reward.varlen_row`). Decoders with a
    window or the like, and encoders, read every answer as a sequence of its own, as transformers
    does.
    """

    def __init__(
        self,
        model: Any,
        compiled: bool = False,
        prefix_tokens: int = 0,
        graph_tokens: int = 0,
        count: CountTokens = lambda known, computed: None,
    ) -> None:
        """Takes a model of transformers, whose weights stay as they are.

        Args:
            model: a sequence classifier.
            compiled: has torch compile the layers, in their first pass, where nothing is padded:
                half a minute, and seconds where torch finds its cache.
            prefix_tokens: so many of prompts are kept from pass to pass on the CPU where nothing is
                padded, so that a prompt that came twice, or begins like one that did, is not
                computed again.
            graph_tokens: rows of up to so many tokens are one launch each on CUDA; this takes
                seconds more here.
            count: of prompt tokens.
        """
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._model: Any = model.eval().to(self._device)
        config: Any = model.config.get_text_config()
        self._pad_id: int = config.pad_token_id or 0
        self.vocabulary: int = config.vocab_size
        self.context_tokens: int = config.max_position_embeddings
        labels: dict[int, str] = model.config.id2label
        self.labels = tuple(labels[i] for i in range(len(labels)))
        self._decoder = hasattr(model, "score") and hasattr(model.base_model, "layers")
        self._shares = self._decoder and sees_everything_before(config)
        self._varlen = self._shares and varlen_attention.fits(config, self._device, model.dtype)
        self._flat = self._shares and not self._varlen and self._device.type == "cpu"
        self.prefixes = PrefixCache(prefix_tokens if self._flat else 0)
        self._count = count
        if self._flat and prefix_tokens:
            add_slots(self._model.base_model, prefix_tokens)
        if self._varlen or self._flat:
            attention = varlen_attention if self._varlen else flat_attention
            self._model.set_attn_implementation(attention.NAME)
            layers = self._model.base_model.layers
            self._last = LastLayer(self._model.base_model)
            if compiled and compiler_found():
                # On the CPU the last is read in as many rows as there are answers, from a list.
                for layer in layers if self._varlen else layers[:-1]:
                    layer.compile(dynamic=True)
        self._graphs: RowGraphs | None = None
        if self._varlen and graph_tokens:
            self._graphs = self._captured(graph_tokens)

    @classmethod
    def load(
        cls,
        folder: Path,
        dtype: torch.dtype | None = None,
        compiled: bool = False,
        prefix_tokens: int = 0,
        graph_tokens: int = 0,
        count: CountTokens = lambda known, computed: None,
    ) -> Self:
        """Loads a folder; bfloat16 where the hardware is fast in it, unless a dtype is given.

        Raises:
            OSError: it is no folder of a model.
            ValueError: transformers cannot make a classifier of it, or it has no trained head.
        """
        dtype = dtype or (torch.bfloat16 if fast_bfloat16() else torch.float32)
        model, loaded = AutoModelForSequenceClassification.from_pretrained(
            folder, dtype=dtype, output_loading_info=True
        )
        if missing := sorted(loaded["missing_keys"]):
            raise ValueError(f"weights are missing, such as {missing[0]}: no reward model")
        return cls(model, compiled, prefix_tokens, graph_tokens, count)

    def outputs(self, groups: Sequence[TokenGroup]) -> list[np.ndarray]:
        """One float32 array [n, L] of the model's L outputs for every group of n completions."""
        return self.begin(groups)()

    @property
    def begins_ahead(self) -> bool:
        """Whether `begin` returns while its pass still runs: on CUDA, where nothing is padded."""
        return self._varlen

    @torch.inference_mode()
    def begin(self, groups: Sequence[TokenGroup]) -> Callable[[], list[np.ndarray]]:
        """Starts a pass; what it returns waits for the outputs of every group.

        A further pass may begin before: its outputs may overwrite those of this one, which are
        copied before on the same stream.
        """
        if self._varlen:
            outputs_NL = self._outputs_of_varlen_row(groups)
        elif self._flat:
            outputs_NL = self._outputs_of_flat_row(groups)
        elif self._shares:
            outputs_NL = self._outputs_of_padded_rows(groups)
        elif self._decoder:
            outputs_NL = self._outputs_one_by_one(groups)
        else:
            outputs_NL = self._outputs_of_sequences(groups)
        counts = np.cumsum([len(group.completion_ids) for group in groups])[:-1]
        read = copied_to_cpu(outputs_NL.float())
        return lambda: np.split(read(), counts)

    @torch.inference_mode()
    def _captured(self, max_tokens: int) -> RowGraphs | None:
        self._outputs_of_varlen_row([WARM_UP])  # Compiles for all sizes, before there are any.
        try:
            return RowGraphs(
                self._outputs_of_row, max_tokens, self.context_tokens, self._device, CudaCapture()
            )
        except RuntimeError:
            log.exception("passes of this model cannot be captured: it runs without CUDA graphs")
            return None

    def _outputs_of_flat_row(self, groups: Sequence[TokenGroup]) -> torch.Tensor:
        joined, order = join_prompts(groups)
        with self.prefixes.of([group.prompt_ids for group in joined]) as prefixes:
            row = flat_row(joined, prefixes)
            self._last.read_only(row.last_tokens)
            states_1TH = self._model.base_model(
                input_ids=row.token_ids_1T,
                position_ids=row.position_ids_1T,
                layout_L=row.layout_L,
                slots_L=row.slots_L if self.prefixes.size else None,
                use_cache=False,
            ).last_hidden_state
            outputs_NL = self._model.score(self._last.read(states_1TH))
            parts = outputs_NL.split([len(group.completion_ids) for group in joined])
            for prefix, part_nL in zip(prefixes, parts, strict=True):
                if part_nL.isfinite().all():
                    self.prefixes.keep(prefix)
        computed = sum(group.prompt.end - group.prompt.start for group in row.groups)
        self._count(sum(len(group.prompt_ids) for group in groups) - computed, computed)
        return outputs_NL[order]

    def _outputs_of_varlen_row(self, groups: Sequence[TokenGroup]) -> torch.Tensor:
        layout = lay_out(groups)
        outputs_NL = self._graphs.outputs(layout) if self._graphs else None
        if outputs_NL is None:
            outputs_NL = self._outputs_of_row(layout.row(copied_to(self._device, layout.numbers_I)))
        return outputs_NL[: sum(len(group.completion_ids) for group in groups)]

    def _outputs_of_row(self, row: VarlenRow) -> torch.Tensor:
        self._last.read_only(row.last_tokens_N.long())
        states_1TH = self._model.base_model(
            input_ids=row.token_ids_1T,
            position_ids=row.position_ids_1T,
            cumulative_C=row.cumulative_C,
            sizes=row.sizes,
            use_cache=False,
        ).last_hidden_state
        return self._model.score(self._last.read(states_1TH))

    def _outputs_of_padded_rows(self, groups: Sequence[TokenGroup]) -> torch.Tensor:
        packed = pack(groups, self._pad_id).to(self._device)
        states_BTH = self._model.base_model(
            input_ids=packed.token_ids_BT,
            position_ids=packed.position_ids_BT,
            attention_mask=packed.attention_mask_B1TT,
            use_cache=False,
        ).last_hidden_state
        rows, ends = zip(*((row, end - 1) for row, _, end in packed.completions), strict=True)
        return self._model.score(states_BTH[list(rows), list(ends)])

    def _outputs_one_by_one(self, groups: Sequence[TokenGroup]) -> torch.Tensor:
        # Not by the model's own pooling, which passes over tokens that equal the padding's.
        last_NH = torch.cat(
            [
                self._model.base_model(
                    input_ids=torch.tensor([group.prompt_ids + ids], device=self._device),
                    use_cache=False,
                ).last_hidden_state[:, -1]
                for group in groups
                for ids in group.completion_ids
            ]
        )
        return self._model.score(last_NH)

    def _outputs_of_sequences(self, groups: Sequence[TokenGroup]) -> torch.Tensor:
        sequences = [g.prompt_ids + ids for g in groups for ids in g.completion_ids]
        shape = len(sequences), max(map(len, sequences))
        ids_BT = torch.full(shape, self._pad_id)
        mask_BT = torch.zeros(shape, dtype=torch.long)
        for row, ids in enumerate(sequences):
            ids_BT[row, : len(ids)] = torch.tensor(ids)
            mask_BT[row, : len(ids)] = 1
        return self._model(
            input_ids=ids_BT.to(self._device), attention_mask=mask_BT.to(self._device)
        ).logits


def compiler_found() -> bool:
    """Whether there is a C++ compiler, which torch.compile needs on the CPU."""
    return any(map(shutil.which, filter(None, (os.environ.get("CXX"), "g++", "clang++"))))
