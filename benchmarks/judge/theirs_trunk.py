"""Contender: the same lowest layers in plain transformers, in padded batches of 16."""

import sys
import time
from pathlib import Path

import numpy as np
import torch
from transformers import AutoConfig, AutoModel

from benchmarks.judge.contender import compete
from benchmarks.judge.mean_heads import features_of, mean_heads
from benchmarks.judge.theirs_transformers import BATCH
from benchmarks.judge.workload import Workload
from ratchet.reward.hidden_states import DEPTHS


def main(folder: Path) -> None:
    """Scores until its input ends; the heads' part is not counted."""
    config = AutoConfig.from_pretrained(folder)
    layers: int = config.num_hidden_layers
    shallow, deep = (round(layers * share) for share in DEPTHS)
    config.num_hidden_layers = deep
    model = AutoModel.from_pretrained(folder, config=config, dtype=torch.float32).eval()
    model.norm = torch.nn.Identity()
    heads = mean_heads(folder, config.hidden_size)

    @torch.inference_mode()
    def score(workload: Workload) -> tuple[float, np.ndarray]:
        sequences = workload.sequences()
        completions = [len(ids) for group in workload.groups() for ids in group.completion_ids]
        started = time.perf_counter()
        means: list[torch.Tensor] = []
        for at in range(0, len(sequences), BATCH):
            batch = [torch.tensor(ids) for ids in sequences[at : at + BATCH]]
            ids_BT = torch.nn.utils.rnn.pad_sequence(batch, True, config.pad_token_id)
            mask_BT = torch.nn.utils.rnn.pad_sequence([torch.ones_like(ids) for ids in batch], True)
            states = model(
                input_ids=ids_BT, attention_mask=mask_BT, output_hidden_states=True, use_cache=False
            ).hidden_states
            for row, ids in enumerate(batch):
                answer = slice(len(ids) - completions[at + row], len(ids))
                means += [states[depth][row, answer].mean(0) for depth in (shallow, deep)]
        seconds = time.perf_counter() - started
        means_n2H = torch.stack(means).unflatten(0, (-1, 2)).numpy()
        return seconds, heads.score(features_of(means_n2H, heads.sentences)).broken_nC

    compete(score)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
