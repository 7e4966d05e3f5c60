"""The judge's trunk: a frozen language model whose hidden states describe an answer."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from transformers import AutoConfig, AutoModel

from ratchet.reward.packing import Packed, TokenGroup, pack
from ratchet.reward.sentences import Sentences

SHALLOW_SHARE, DEEP_SHARE = 1 / 6, 1 / 3
"""Depths, as shares of the layers, whose hidden states are read (after layers 5 and 10 of 30).

What a criterion asks for shows there as well as further up (docs/decisions/features.md), and what
lies above is never computed.
"""

SHARPNESS = 8
"""Power of the similarity that tells repeated prompt tokens from those that only look alike."""

PICKED_SHARPNESS = 24
"""The same, where a sentence has told which tokens of the prompt matter."""

SELECTIVITY = 10
"""Times the cosine, before the softmax by which a sentence's token picks tokens of the prompt."""

ROW_TOKENS = 4096
"""Tokens, padding included, of one forward pass."""

DEFINITION = b"3"
"""Goes into a trunk's identity; another one whenever features come to mean something else."""


class SentenceStates(NamedTuple):
    """Unit hidden states [S, H] of the tokens of all sentences."""

    shallow_SH: torch.Tensor
    deep_SH: torch.Tensor


class Trunk:
    """Features of answers from the lowest layers of a folder in Hugging Face layout.

    Of every answer: mean and maximum over its tokens of the hidden states at two depths; the mean
    deep state of the prompt's tokens that the answer repeats, and of those that it leaves out; the
    logarithm of its length; and for each token of the standard's sentences how nearly the answer
    says it, and how much the answer repeats of what it means in the prompt.
    F = 6 * hidden size + 1 + 2 S, with S tokens in all sentences.
    """

    def __init__(self, folder: Path) -> None:
        config: Any = AutoConfig.from_pretrained(folder)
        depths = [round(config.num_hidden_layers * s) for s in (SHALLOW_SHARE, DEEP_SHARE)]
        self._shallow, self._deep = (max(depth, 1) for depth in depths)
        config.num_hidden_layers = self._deep
        model: Any = AutoModel.from_pretrained(folder, config=config, dtype=torch.float32)
        # States are read as one layer hands them to the next.
        model.norm = torch.nn.Identity()
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._model = model.eval().to(self._device)
        self._pad_id: int = config.pad_token_id or 0
        self.vocabulary: int = config.vocab_size
        self.context_tokens: int = config.max_position_embeddings
        self._hidden_size: int = config.hidden_size
        self._sentences: dict[Sentences, SentenceStates] = {}
        with (folder / "model.safetensors").open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
        digest.update(DEFINITION)
        self.sha256: str = digest.hexdigest()
        """Of the weights and of what the features are: features of two trunks never mix."""

    def features(self, groups: Sequence[TokenGroup], sentences: Sentences = ()) -> list[np.ndarray]:
        """One float32 array [n, F] for every group of n completions."""
        states = self._sentence_states(sentences)
        # Rows of like length go together, so that little is spent on padding.
        order = sorted(range(len(groups)), key=lambda i: groups[i].length)
        found: dict[int, np.ndarray] = {}
        while order:
            batch = [order.pop()]
            width = groups[batch[0]].length
            while order and width * (len(batch) + 1) <= ROW_TOKENS:
                batch.append(order.pop())
            described = self._batch([groups[i] for i in batch], states)
            found.update(zip(batch, described, strict=True))
        return [found[i] for i in range(len(groups))]

    @torch.inference_mode()
    def _sentence_states(self, sentences: Sentences) -> SentenceStates:
        """Each sentence is read on its own."""
        if sentences not in self._sentences:
            nothing = torch.zeros((1, 0, self._hidden_size), device=self._device)
            packed = [pack([TokenGroup(ids, ())], self._pad_id) for ids in sentences]
            read = [(nothing, nothing), *map(self._hidden_states, packed)]
            self._sentences[sentences] = SentenceStates(
                *(_unit(torch.cat(states, dim=1)[0]) for states in zip(*read, strict=True))
            )
        return self._sentences[sentences]

    @torch.inference_mode()
    def _batch(self, groups: Sequence[TokenGroup], states: SentenceStates) -> list[np.ndarray]:
        packed = pack(groups, self._pad_id)
        shallow_BTH, deep_BTH = self._hidden_states(packed)
        rows = [
            _describe(
                shallow_BTH[row, : packed.prompt_ends[row]],
                deep_BTH[row, : packed.prompt_ends[row]],
                shallow_BTH[row, start:end],
                deep_BTH[row, start:end],
                states,
            )
            for row, start, end in packed.completions
        ]
        counts = np.cumsum([len(group.completion_ids) for group in groups])[:-1]
        return np.split(torch.stack(rows).cpu().numpy(), counts)

    def _hidden_states(self, packed: Packed) -> tuple[torch.Tensor, torch.Tensor]:
        packed = packed.to(self._device)
        states: Sequence[torch.Tensor] = self._model(
            input_ids=packed.token_ids_BT,
            position_ids=packed.position_ids_BT,
            attention_mask=packed.attention_mask_B1TT,
            output_hidden_states=True,
            use_cache=False,
        ).hidden_states
        return states[self._shallow], states[self._deep]


def _describe(
    prompt_shallow_PH: torch.Tensor,
    prompt_deep_PH: torch.Tensor,
    shallow_TH: torch.Tensor,
    deep_TH: torch.Tensor,
    sentences: SentenceStates,
) -> torch.Tensor:
    pooled = [part for state in (shallow_TH, deep_TH) for part in (state.mean(0), state.amax(0))]
    unit_TH = _unit(shallow_TH)
    nearness_P = _nearness(_unit(prompt_shallow_PH), unit_TH)
    repeated_P = nearness_P**SHARPNESS
    tied = [weight_P @ prompt_deep_PH / len(weight_P) for weight_P in (repeated_P, 1 - repeated_P)]
    length = deep_TH.new_tensor([float(np.log(len(deep_TH)))])
    said_S = _nearness(sentences.shallow_SH, unit_TH) ** SHARPNESS
    picked_SP = _picked(sentences.deep_SH, _unit(prompt_deep_PH))
    meant_S = picked_SP @ nearness_P**PICKED_SHARPNESS
    return torch.cat([*pooled, *tied, length, torch.stack([said_S, meant_S], dim=1).flatten()])


def _nearness(wanted_NH: torch.Tensor, answer_TH: torch.Tensor) -> torch.Tensor:
    """Of each wanted token, 0 to 1: how near the answer's nearest token comes to it."""
    return (wanted_NH @ answer_TH.T).amax(1).clamp(min=0)


def _picked(sentences_SH: torch.Tensor, prompt_PH: torch.Tensor) -> torch.Tensor:
    """The prompt's tokens that each token of a sentence means: weights [S, P], 1 in every row.

    All deep states are much alike: they are compared by how they differ from the prompt's mean.
    """
    mean_H = prompt_PH.mean(0)
    cosine_SP = _unit(sentences_SH - mean_H) @ _unit(prompt_PH - mean_H).T
    return (SELECTIVITY * cosine_SP).softmax(dim=1)


def _unit(states_TH: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(states_TH, dim=-1)
