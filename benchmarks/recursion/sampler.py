"""Samples answers with transformers, from weights that the trainer changes in place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, DynamicCache

from benchmarks.recursion import grouped_attention
from benchmarks.recursion.roomy_cache import roomy
from ratchet.demo.evaluation import messages_of
from ratchet.demo.prompts import CustomerPrompt
from ratchet.demo.shop_standard import STANDARD_ID
from ratchet.process.packed import pack_f32, pack_u32
from ratchet.reward.tokens import ChatTokenizer
from ratchet.v1.prompt_pb2 import PURPOSE_TRAIN, Prompt
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup, WeightSpan

ROWS = 512 if torch.cuda.is_available() else 128
"""Answers that are sampled together; what is drawn does not depend on it."""

PRUNE_EVERY = 8
"""Tokens after which answers that have ended make room for the others."""


@dataclass
class _Answer:
    ids: list[int]
    log_probabilities: list[float]


class Sampler:
    """The policy as the policy service would sample from it, without vLLM."""

    def __init__(self, folder: Path, max_tokens: int, temperature: float) -> None:
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        model.set_attn_implementation(grouped_attention.NAME)
        self._model = model.eval().to(self._device)
        self._max_tokens, self._temperature = max_tokens, temperature
        self.tokenizer = ChatTokenizer(folder)

    @torch.no_grad()
    def load(self, weights: Iterable[tuple[str, torch.Tensor]]) -> None:
        """Takes up changed weights by their names."""
        for name, weight in weights:
            self._model.get_parameter(name).copy_(weight)

    def answer(
        self, prompts: Sequence[CustomerPrompt], n: int, version: int, seed: int
    ) -> list[RolloutGroup]:
        """Answers, n to every prompt, drawn from the seed, as the policy's service sends them."""
        generator = torch.Generator().manual_seed(seed)
        uniform_NT = torch.rand((len(prompts) * n, self._max_tokens), generator=generator)
        groups: list[RolloutGroup] = []
        at_once = max(ROWS // n, 1)
        for first in range(0, len(prompts), at_once):
            some = prompts[first : first + at_once]
            prompt_ids = [self.tokenizer.prompt_ids(prompt.messages) for prompt in some]
            draws_NT = uniform_NT[first * n : (first + len(some)) * n].to(self._device)
            answers = self._sample(prompt_ids, n, draws_NT)
            for i, (prompt, ids) in enumerate(zip(some, prompt_ids, strict=True)):
                own = answers[i * n : (i + 1) * n]
                groups.append(self._group(prompt, ids, own, version))
        return groups

    @torch.inference_mode()
    def _sample(
        self, prompt_ids: Sequence[tuple[int, ...]], n: int, draws_NT: torch.Tensor
    ) -> list[_Answer]:
        answers = [_Answer([], []) for _ in range(len(prompt_ids) * n)]
        rows = _Rows(self._model, prompt_ids, n, self._max_tokens, self._device)
        running = list(range(len(answers)))  # of each row, whose it is
        for token in range(self._max_tokens):
            logprobs_RV = (rows.logits_RV / self._temperature).log_softmax(-1)
            draws_R1 = draws_NT[running, token, None]
            chosen_R1 = _drawn(logprobs_RV, draws_R1)
            logprobs_R = logprobs_RV.gather(1, chosen_R1)[:, 0].tolist()
            ids_R: list[int] = chosen_R1[:, 0].tolist()
            for row, id_, logprob in zip(running, ids_R, logprobs_R, strict=True):
                if not self._ended(answers[row]):
                    answers[row].ids.append(id_)
                    answers[row].log_probabilities.append(logprob)
            left = [i for i, row in enumerate(running) if not self._ended(answers[row])]
            if not left or token == self._max_tokens - 1:
                break
            if token % PRUNE_EVERY == 0 and len(left) < len(running):
                rows.keep(left)
                running = [running[i] for i in left]
                chosen_R1 = chosen_R1[left]
            rows.append(chosen_R1)
        return answers

    def _ended(self, answer: _Answer) -> bool:
        return bool(answer.ids) and answer.ids[-1] == self.tokenizer.end_of_turn_id

    def _group(
        self,
        prompt: CustomerPrompt,
        prompt_ids: Sequence[int],
        answers: Sequence[_Answer],
        version: int,
    ) -> RolloutGroup:
        return RolloutGroup(
            group_id=f"{version}-{prompt.prompt_id}",
            prompt=Prompt(
                prompt_id=prompt.prompt_id,
                messages=messages_of(prompt),
                standard_id=STANDARD_ID,
                samples=len(answers),
                purpose=PURPOSE_TRAIN,
            ),
            prompt_token_ids=pack_u32(prompt_ids),
            completions=[
                Completion(
                    text=self.tokenizer.text(answer.ids),
                    token_ids=pack_u32(answer.ids),
                    log_probabilities=pack_f32(answer.log_probabilities),
                    weight_spans=[WeightSpan(policy_version=version, start=0, end=len(answer.ids))],
                    finish_reason="stop" if self._ended(answer) else "length",
                )
                for answer in answers
            ],
            temperature=self._temperature,
        )


class _Rows:
    """The rows that are being written: what they have read, and logits of what comes next."""

    def __init__(
        self,
        model: Any,
        prompt_ids: Sequence[tuple[int, ...]],
        n: int,
        max_tokens: int,
        device: torch.device,
    ) -> None:
        self._model = model
        width = max(map(len, prompt_ids))
        # Padded before the prompt, so that all rows go on at the same place.
        ids_BT = torch.tensor([[0] * (width - len(ids)) + list(ids) for ids in prompt_ids])
        read_BT = torch.tensor([[0] * (width - len(ids)) + [1] * len(ids) for ids in prompt_ids])
        positions_BT = (read_BT.cumsum(1) - 1).clamp(min=0)
        cache = DynamicCache(config=model.config)
        out = model(
            input_ids=ids_BT.to(device),
            attention_mask=read_BT.to(device),
            position_ids=positions_BT.to(device),
            past_key_values=cache,
            logits_to_keep=1,
        )
        # A prompt is read once for all its answers.
        self.logits_RV: torch.Tensor = out.logits[:, -1].repeat_interleave(n, dim=0)
        self._cache = roomy(cache, n, max_tokens)
        self._read_RT = read_BT.to(device).repeat_interleave(n, dim=0)
        self._position_R1 = positions_BT[:, -1:].to(device).repeat_interleave(n, dim=0)

    def keep(self, rows: Sequence[int]) -> None:
        index = torch.tensor(rows, device=self._read_RT.device)
        self._cache.batch_select_indices(index)
        self._read_RT, self._position_R1 = self._read_RT[index], self._position_R1[index]

    def append(self, ids_R1: torch.Tensor) -> None:
        self._read_RT = torch.nn.functional.pad(self._read_RT, (0, 1), value=1)
        self._position_R1 = self._position_R1 + 1
        out = self._model(
            input_ids=ids_R1,
            attention_mask=self._read_RT,
            position_ids=self._position_R1,
            past_key_values=self._cache,
        )
        self.logits_RV = out.logits[:, -1]


def _drawn(logprobs_RV: torch.Tensor, uniform_R1: torch.Tensor) -> torch.Tensor:
    """The token [R, 1] of each row at which its cumulated probability passes the uniform number.

    `torch.multinomial` says the same of 49,152 tokens, in forty times the time on the CPU.
    """
    cumulated_RV = logprobs_RV.exp().cumsum(-1)
    wanted_R1 = uniform_R1 * cumulated_RV[:, -1:]
    chosen_R1 = torch.searchsorted(cumulated_RV, wanted_R1, right=True)
    return chosen_R1.clamp(max=logprobs_RV.shape[1] - 1)
