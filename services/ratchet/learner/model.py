"""The policy as the learner holds it: frozen base, trained adapter, optimiser."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import Linear as LoraLinear
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from ratchet.learner.loss import (
    kl_k3,
    kl_penalised,
    leave_one_out_advantages,
    policy_loss,
    scaled,
    step_share,
)
from ratchet.learner.trainer_settings import TrainerSettings
from ratchet.reward.packing import TokenGroup, pack, target_positions

TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "generation_config.json",
)


@dataclass(frozen=True)
class TrainingGroup:
    """A judged group: tokens, what the sampler thought of them, and what the judge did.

    A reward of None could not be scored: it is left out of the baseline and not trained on.
    """

    tokens: TokenGroup
    rollout_logprobs: tuple[np.ndarray, ...]
    rewards: tuple[float | None, ...]
    temperature: float = 1.0


WithAdvantages = tuple[TrainingGroup, list[float]]
"""A group and the advantage of each of its completions."""


@dataclass(frozen=True)
class UpdateStats:
    """What one update measured."""

    loss: float
    gradient_norm: float
    kl: float
    """Of the sampler to the first policy, nats per token."""
    logprob_gap: float
    """Median of |learner's - sampler's log-probability| over the trained tokens, nats."""
    trained_tokens: int
    skipped: bool
    """Loss, gradient or KL were not finite: nothing was changed."""


class PolicyTrainer:
    """A low-rank adapter on the base policy (LoRA, arXiv 2106.09685), and its AdamW."""

    def __init__(self, base: Path, settings: TrainerSettings) -> None:
        self._base, self._settings = base, settings
        torch.manual_seed(settings.seed)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
        layers = model.config.num_hidden_layers
        config = LoraConfig(
            r=settings.lora_rank,
            lora_alpha=settings.lora_alpha,
            target_modules=[
                "q_proj",
                "k_proj",
                "v_proj",
                "o_proj",
                "gate_proj",
                "up_proj",
                "down_proj",
            ],
            layers_to_transform=list(range(round(layers * settings.frozen_share), layers)),
        )
        # The adapter is drawn on the CPU, so that a seed means the same on every device.
        self._model: PeftModel = get_peft_model(model, config).to(self._device)
        self._adapter = {n: p for n, p in self._model.named_parameters() if p.requires_grad}
        self._optimizer = torch.optim.AdamW(
            self._adapter.values(),
            lr=settings.learning_rate,
            betas=settings.betas,
            weight_decay=0.0,
        )

    def update(self, groups: Sequence[TrainingGroup]) -> UpdateStats:
        """One optimiser step on a batch of groups."""
        references = [self._reference_logprobs(group) for group in groups]
        chosen = self._most_telling(
            [self._penalised(*pair) for pair in zip(groups, references, strict=True)]
        )
        self._optimizer.zero_grad()
        loss, gaps = 0.0, [np.zeros(0)]
        for batch in self._batches(chosen):
            logprobs_M = self._logprobs(
                [group.tokens for group, _ in batch], batch[0][0].temperature
            )
            old_M = logprobs_M.detach()
            rollout_M = self._rollout_logprobs([group for group, _ in batch])
            losses_M = policy_loss(
                logprobs_M,
                old_M,
                rollout_M,
                torch.cat([_per_token(*pair) for pair in batch]).to(self._device),
                clip_low=self._settings.clip_low,
                clip_high=self._settings.clip_high,
                weight_cap=self._settings.weight_cap,
            )
            # A constant divisor: long answers are neither favoured nor spared (Dr. GRPO).
            part = losses_M.sum() / self._settings.tokens_per_update
            part.backward()
            loss += part.item()
            gaps.append((old_M - rollout_M).abs().cpu().numpy())
        norm = torch.nn.utils.clip_grad_norm_(
            list(self._adapter.values()), self._settings.gradient_clip
        ).item()
        kl = kl_k3(self._rollout_logprobs(groups), torch.cat(references)).mean().item()
        skipped = not np.isfinite([loss, norm, kl]).all()
        if not skipped:
            for parameters in self._optimizer.param_groups:
                room = step_share(kl, self._settings.kl_limit)
                parameters["lr"] = self._settings.learning_rate * room
            self._optimizer.step()
        gap = np.concatenate(gaps)
        return UpdateStats(
            loss=loss,
            gradient_norm=norm,
            kl=kl,
            logprob_gap=float(np.median(gap)) if len(gap) else 0.0,
            trained_tokens=len(gap),
            skipped=skipped,
        )

    def kl(self, groups: Sequence[TrainingGroup]) -> float:
        """Mean KL of the policy that sampled these groups to the first policy, nats per token."""
        if not groups:
            return 0.0
        reference_M = torch.cat([self._reference_logprobs(group) for group in groups])
        return kl_k3(self._rollout_logprobs(groups), reference_M).mean().item()

    @torch.no_grad()
    def log_probabilities(self, groups: Sequence[TokenGroup], temperature: float) -> np.ndarray:
        """Of every completion token, in order; nats, float32 [M]."""
        return self._logprobs(groups, temperature).cpu().numpy()

    @torch.no_grad()
    def merged_weights(self) -> Iterator[tuple[str, torch.Tensor]]:
        """Name and value, float32, of every weight of the base that the adapter changes."""
        for name, module in self._lora_modules():
            layer: Any = module.get_base_layer()
            yield f"{name}.weight", layer.weight + module.get_delta_weight("default")

    def export(self, folder: Path) -> None:
        """Writes base plus adapter as one bfloat16 folder that plain transformers loads."""
        tensors = load_file(self._base / "model.safetensors")
        for key, merged in self.merged_weights():
            tensors[key] = merged.to(tensors[key].dtype).cpu().contiguous()
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        for name in ("config.json", *TOKENIZER_FILES):
            if (self._base / name).exists():
                shutil.copyfile(self._base / name, folder / name)

    def save(self, folder: Path) -> None:
        """Writes adapter and optimiser so that `load` goes on bit for bit."""
        torch.save(
            {"adapter": self._adapter, "optimizer": self._optimizer.state_dict()},
            folder / "trainer.pt",
        )

    def load(self, folder: Path) -> None:
        """Takes up what `save` wrote."""
        state = torch.load(folder / "trainer.pt", weights_only=True, map_location=self._device)
        with torch.no_grad():
            for name, parameter in self._adapter.items():
                parameter.copy_(state["adapter"][name])
        self._optimizer.load_state_dict(state["optimizer"])

    def corrupt(self, seed: int) -> None:
        """For the drill: noise in the adapter that no gate should let pass."""
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in self._adapter.values():
                noise = torch.randn(parameter.shape, generator=generator)
                parameter.add_(noise.to(self._device) * self._settings.corruption)

    def _most_telling(self, groups: Sequence[TrainingGroup]) -> list[WithAdvantages]:
        """Of every group the completions with the most extreme advantages, highest and lowest.

        Rollouts are cheap beside a backward pass, and the middle of a group teaches least
        (down-sampling for the greatest variance, arXiv 2504.13818).
        """
        reduced: list[WithAdvantages] = []
        for group in groups:
            advantages = leave_one_out_advantages(group.rewards)
            order = sorted(range(len(advantages)), key=advantages.__getitem__)
            half = self._settings.trained_per_group // 2
            kept = order if len(order) <= 2 * half else order[:half] + order[-half:]
            kept = [i for i in kept if advantages[i] != 0.0]
            if kept:
                reduced.append((_part(group, kept), [advantages[i] for i in kept]))
        flat = iter(scaled([a for _, advantages in reduced for a in advantages]))
        return [(group, [next(flat) for _ in advantages]) for group, advantages in reduced]

    def _batches(self, chosen: Sequence[WithAdvantages]) -> Iterator[list[WithAdvantages]]:
        """Groups of like length together, at most `row_tokens` tokens with padding a pass."""
        order = sorted(chosen, key=lambda pair: (pair[0].temperature, pair[0].tokens.length))
        batch: list[WithAdvantages] = []
        for pair in order:
            full = (len(batch) + 1) * pair[0].tokens.length > self._settings.row_tokens
            if batch and (full or pair[0].temperature != batch[0][0].temperature):
                yield batch
                batch = []
            batch.append(pair)
        if batch:
            yield batch

    def _logprobs(self, groups: Sequence[TokenGroup], temperature: float) -> torch.Tensor:
        packed = pack(groups, pad_id=0).to(self._device)
        model: Any = self._model.get_base_model()
        hidden_BTH = model.model(
            input_ids=packed.token_ids_BT,
            position_ids=packed.position_ids_BT,
            attention_mask=packed.attention_mask_B1TT,
            use_cache=False,
        ).last_hidden_state
        rows_M, positions_M, targets_M = target_positions(packed)
        logits_MV = model.lm_head(hidden_BTH[rows_M, positions_M]).float() / temperature
        return -torch.nn.functional.cross_entropy(logits_MV, targets_M, reduction="none")

    @torch.no_grad()
    def _reference_logprobs(self, group: TrainingGroup) -> torch.Tensor:
        """The first policy's, of every completion token."""
        with self._model.disable_adapter():
            return self._logprobs([group.tokens], group.temperature)

    def _penalised(self, group: TrainingGroup, reference_M: torch.Tensor) -> TrainingGroup:
        lengths = [len(ids) for ids in group.tokens.completion_ids]
        ratios = (self._rollout_logprobs([group]) - reference_M).split(lengths)
        means = [ratio_T.mean().item() for ratio_T in ratios]
        return replace(group, rewards=kl_penalised(group.rewards, means, self._settings.kl_penalty))

    def _rollout_logprobs(self, groups: Sequence[TrainingGroup]) -> torch.Tensor:
        flat = np.concatenate([lp for group in groups for lp in group.rollout_logprobs])
        return torch.from_numpy(flat).to(self._device)

    def _lora_modules(self) -> Iterator[tuple[str, LoraLinear]]:
        for name, module in self._model.get_base_model().named_modules():
            if isinstance(module, LoraLinear):
                yield name, module


def _part(group: TrainingGroup, completions: Sequence[int]) -> TrainingGroup:
    """Some of a group's completions."""
    ids = group.tokens.completion_ids
    return TrainingGroup(
        TokenGroup(group.tokens.prompt_ids, tuple(ids[i] for i in completions)),
        tuple(group.rollout_logprobs[i] for i in completions),
        tuple(group.rewards[i] for i in completions),
        group.temperature,
    )


def _per_token(group: TrainingGroup, advantages: Sequence[float]) -> torch.Tensor:
    lengths = [len(ids) for ids in group.tokens.completion_ids]
    return torch.repeat_interleave(torch.tensor(advantages), torch.tensor(lengths))
