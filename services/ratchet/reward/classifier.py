"""Reward models in Hugging Face layout: sequence classifiers of one label or many."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, PreTrainedModel

from ratchet.process.hardware import fast_bfloat16
from ratchet.reward import flat_attention, varlen_attention
from ratchet.reward.flat_row import flat_row
from ratchet.reward.packing import TokenGroup, pack
from ratchet.reward.varlen_row import varlen_row


class Classifier:
    """Any model that loads with AutoModelForSequenceClassification.

    Decoders that see all that was before read a group's prompt once, and nothing is padded: on the
    CPU (`reward.flat_row`), and on CUDA in half precision (`reward.varlen_row`). Decoders with a
    window or the like, and encoders, read every answer as a sequence of its own, as transformers
    does.
    """

    def __init__(
        self,
        source: Path | PreTrainedModel,
        dtype: torch.dtype | None = None,
        compiled: bool = False,
    ) -> None:
        """Loads a folder, in bfloat16 where the hardware is fast in it, unless a dtype is given.

        A model that is in memory already is taken as it is, and changed for the purpose.

        `compiled` has the layers compiled by torch, in their first pass, where nothing is padded:
        half a minute, and seconds where torch finds its cache.

        Raises:
            OSError: it is no folder of a model.
            ValueError: transformers cannot make a classifier of it, or it has no trained head.
        """
        model: Any = _load(source, dtype) if isinstance(source, Path) else source
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._model: Any = model.eval().to(self._device)
        config: Any = model.config.get_text_config()
        self._pad_id: int = config.pad_token_id or 0
        self.vocabulary: int = config.vocab_size
        self.context_tokens: int = config.max_position_embeddings
        labels: dict[int, str] = model.config.id2label
        self.labels = tuple(labels[i] for i in range(len(labels)))
        self._decoder = hasattr(model, "score") and hasattr(model.base_model, "layers")
        self._shares = self._decoder and _sees_everything_before(config)
        self._varlen = self._shares and varlen_attention.fits(config, self._device, model.dtype)
        self._flat = self._shares and not self._varlen and self._device.type == "cpu"
        if self._varlen or self._flat:
            attention = varlen_attention if self._varlen else flat_attention
            self._model.set_attn_implementation(attention.NAME)
            self._last = _LastLayer(self._model.base_model.layers[-1])
            if compiled and compiler_found():
                for layer in self._model.base_model.layers[:-1]:
                    layer.compile(dynamic=True)

    @torch.inference_mode()
    def outputs(self, groups: Sequence[TokenGroup]) -> list[np.ndarray]:
        """One float32 array [n, L] of the model's L outputs for every group of n completions."""
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
        return np.split(outputs_NL.float().cpu().numpy(), counts)

    def _outputs_of_flat_row(self, groups: Sequence[TokenGroup]) -> torch.Tensor:
        row = flat_row(groups)
        self._last.read_only(row.last_tokens)
        states_1TH = self._model.base_model(
            input_ids=row.token_ids_1T,
            position_ids=row.position_ids_1T,
            layout_L=row.layout_L,
            use_cache=False,
        ).last_hidden_state
        return self._model.score(states_1TH[0, row.last_tokens])

    def _outputs_of_varlen_row(self, groups: Sequence[TokenGroup]) -> torch.Tensor:
        row = varlen_row(groups, self._device)
        self._last.read_only(row.last_tokens_N)
        states_1TH = self._model.base_model(
            input_ids=row.token_ids_1T,
            position_ids=row.position_ids_1T,
            cumulative_C=row.cumulative_C,
            sizes=row.sizes,
            use_cache=False,
        ).last_hidden_state
        return self._model.score(states_1TH[0, row.last_tokens_N])

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


def _load(folder: Path, dtype: torch.dtype | None) -> Any:
    dtype = dtype or (torch.bfloat16 if fast_bfloat16() else torch.float32)
    model, loaded = AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=dtype, output_loading_info=True
    )
    if missing := sorted(loaded["missing_keys"]):
        raise ValueError(f"weights are missing, such as {missing[0]}: no reward model")
    return model


def _sees_everything_before(config: Any) -> bool:
    """Whether attention is plain and causal: no window, no soft cap, no linear layers."""
    kinds: Sequence[str] = getattr(config, "layer_types", None) or ()
    windowed = getattr(config, "sliding_window", None) is not None and not kinds
    return (
        not windowed
        and all(kind == "full_attention" for kind in kinds)
        and getattr(config, "attn_logit_softcapping", None) is None
        and getattr(config, "is_causal", True)
        and not getattr(config, "use_bidirectional_attention", False)
    )


def compiler_found() -> bool:
    """Whether there is a C++ compiler, which torch.compile needs on the CPU."""
    return any(map(shutil.which, filter(None, (os.environ.get("CXX"), "g++", "clang++"))))


class _LastLayer:
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
