"""The model is asked of each criterion whether it is met: its word is the next token's."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import track
from transformers import AutoModelForCausalLM

from benchmarks.critic.question import Questioner
from ratchet.demo.shop_standard import SENTENCES
from ratchet.reward.packing import TokenGroup, pack
from ratchet.v1.rollout_pb2 import RolloutGroup


class YesNo:
    """A language model as a critic."""

    def __init__(self, folder: Path) -> None:
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self.model: Any = model.to(self._device)
        self.questioner = Questioner(folder)

    @torch.no_grad()
    def broken(self, groups: Sequence[RolloutGroup]) -> np.ndarray:
        """Of every answer and criterion the log-odds of "No", float [N, C]."""
        asked = self.questioner.groups(groups)
        rows = [self.log_odds(group).cpu().numpy() for group in track(asked, "asking")]
        return np.stack(rows)

    def log_odds(self, group: TokenGroup) -> torch.Tensor:
        """Of "No" after each of a group's questions, [C]."""
        packed = pack([group], pad_id=0).to(self._device)
        ends = [end - 1 for _, _, end in packed.completions]
        hidden_1TH = self.model.get_decoder()(
            input_ids=packed.token_ids_BT,
            position_ids=packed.position_ids_BT,
            attention_mask=packed.attention_mask_B1TT,
            use_cache=False,
        ).last_hidden_state
        words = self.model.get_output_embeddings().weight[[self.questioner.no, self.questioner.yes]]
        no_C, yes_C = (hidden_1TH[0, ends] @ words.T).unbind(1)
        assert len(no_C) == len(SENTENCES)
        return no_C - yes_C
