"""The same questions, by a low-rank adapter that has learned people's marks."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from rich.progress import track

from benchmarks.critic.answers import Answers
from benchmarks.critic.yes_no import YesNo
from ratchet.v1.rollout_pb2 import RolloutGroup

LEARNING_RATE = 1e-3
ANSWERS_A_STEP = 8


class Adapter:
    """As the policy's own adapter: the upper two thirds of the layers, rank 16."""

    def __init__(self, folder: Path, seed: int) -> None:
        torch.manual_seed(seed)
        self._critic, self._seed = YesNo(folder), seed
        layers: int = self._critic.model.config.num_hidden_layers
        config = LoraConfig(
            r=16,
            lora_alpha=32,
            target_modules=[
                "q_proj",
                "k_proj",
                "v_proj",
                "o_proj",
                "gate_proj",
                "up_proj",
                "down_proj",
            ],
            layers_to_transform=list(range(layers // 3, layers)),
        )
        self._critic.model = get_peft_model(self._critic.model, config)

    def fit(self, train: Answers, epochs: int) -> None:
        """Cross-entropy to the marks: "No" where a reader marked the criterion as broken."""
        adapter = [p for p in self._critic.model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(adapter, lr=LEARNING_RATE, weight_decay=0.0)
        asked = self._critic.questioner.groups(train.groups)
        target_NC = torch.from_numpy(train.marked_NC).float()
        order = [*range(len(asked))] * epochs
        random.Random(self._seed).shuffle(order)
        for done, i in enumerate(track(order, "learning"), start=1):
            odds_C = self._critic.log_odds(asked[i])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                odds_C, target_NC[i].to(odds_C.device)
            )
            (loss / ANSWERS_A_STEP).backward()
            if done % ANSWERS_A_STEP == 0:
                torch.nn.utils.clip_grad_norm_(adapter, 1.0)
                optimizer.step()
                optimizer.zero_grad()

    def broken(self, groups: Sequence[RolloutGroup]) -> np.ndarray:
        """Of every answer and criterion the log-odds of "No", float [N, C]."""
        return self._critic.broken(groups)
