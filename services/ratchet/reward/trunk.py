"""The judge's trunk: a frozen language model whose hidden states describe an answer."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch

from ratchet.reward.hidden_states import DEPTHS, Depths, GroupStates, HiddenStates, LowestLayers
from ratchet.reward.packing import TokenGroup
from ratchet.reward.passes import passes
from ratchet.reward.sentences import Sentences

SHARPNESS = 8
"""Power of the similarity that tells repeated prompt tokens from those that only look alike."""

PICKED_SHARPNESS = 24
"""The same, where a sentence has told which tokens of the prompt matter."""

SELECTIVITY = 10
"""Times the cosine, before the softmax by which a sentence's token picks tokens of the prompt."""

PASS_TOKENS = 4096
"""Tokens, padding included, of one forward pass."""

KEPT_STANDARDS = 8
"""Standards whose sentences' states are kept, those that were asked for last.

A token of a sentence weighs two float32 states (of SmolLM2-135M 4.6 KB), a standard of ten
sentences so about half a megabyte, and the longest that is allowed 37 MB (64 sentences of 500
characters, four to a token).
"""

DEFINITION = b"4"
"""Goes into a trunk's identity; another one whenever features come to mean something else."""


class Trunk:
    """Features of answers from the lowest layers of a folder in Hugging Face layout.

    Of every answer: mean and maximum over its tokens of the hidden states at two depths; the mean
    deep state of the prompt's tokens that the answer repeats, and of those that it leaves out; the
    deep state of its last token, which has seen all; the logarithm of its length; and for each
    token of the standard's sentences how nearly the answer says it, and how much the answer repeats
    of what it means in the prompt.
    F = 7 * hidden size + 1 + 2 S, with S tokens in all sentences.
    """

    def __init__(self, folder: Path, depths: Depths = DEPTHS) -> None:
        """Takes the folder, and how deep to read where that is not as a judge does."""
        self._layers = LowestLayers(folder, depths)
        self.vocabulary = self._layers.vocabulary
        self.context_tokens = self._layers.context_tokens
        # Not of a method: a trunk in a circle with its memory would outlast its last user.
        self._states_of = lru_cache(KEPT_STANDARDS)(partial(_states_of, self._layers))
        with (folder / "model.safetensors").open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
        digest.update(DEFINITION)
        if depths != DEPTHS:
            digest.update(repr(depths).encode())
        self.sha256: str = digest.hexdigest()
        """Of the weights and of what the features are: features of two trunks never mix."""

    def features(self, groups: Sequence[TokenGroup], sentences: Sentences = ()) -> list[np.ndarray]:
        """One float32 array [n, F] for every group of n completions."""
        sentence_states = self._states_of(sentences)
        found: list[list[np.ndarray]] = [[] for _ in groups]
        for together in passes(groups, PASS_TOKENS, self._layers.pads):
            read = self._layers.read([part for _, part in together])
            described = _describe(read, sentence_states)
            for (group, _), rows_nF in zip(together, described, strict=True):
                found[group].append(rows_nF)
        return [np.concatenate(parts) for parts in found]


def _states_of(layers: LowestLayers, sentences: Sentences) -> HiddenStates:
    """Unit states of all the sentences' tokens."""
    return HiddenStates(*map(_unit, layers.read_alone(sentences)))


def _describe(groups: Sequence[GroupStates], sentences: HiddenStates) -> list[np.ndarray]:
    """The features [n, F] of every group's completions; of the sentences, unit states."""
    rows_NF = torch.stack([row for group in groups for row in _rows(group, sentences)])
    counts = np.cumsum([len(group.completions) for group in groups])[:-1]
    return np.split(rows_NF.cpu().numpy(), counts)


def _rows(group: GroupStates, sentences: HiddenStates) -> Iterator[torch.Tensor]:
    """The features [F] of each completion."""
    prompt_deep_PH = group.prompt.deep_TH
    prompt_PH = _unit(group.prompt.shallow_TH)
    picked_SP = _picked(sentences.deep_TH, _unit(prompt_deep_PH))
    for states in group.completions:
        pooled = [part for state in states for part in (state.mean(0), state.amax(0))]
        answer_TH = _unit(states.shallow_TH)
        nearness_P = _nearness(prompt_PH, answer_TH)
        repeated_P = nearness_P**SHARPNESS
        tied = [
            weight_P @ prompt_deep_PH / len(weight_P) for weight_P in (repeated_P, 1 - repeated_P)
        ]
        length = pooled[0].new_tensor([float(np.log(len(answer_TH)))])
        said_S = _nearness(sentences.shallow_TH, answer_TH) ** SHARPNESS
        meant_S = picked_SP @ nearness_P**PICKED_SHARPNESS
        told = torch.stack([said_S, meant_S], dim=1).flatten()
        yield torch.cat([*pooled, *tied, states.deep_TH[-1], length, told])


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
