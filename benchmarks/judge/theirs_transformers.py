"""Contender: transformers in plain padded batches of 16."""

import sys
import time

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification

from benchmarks.judge.contender import compete
from benchmarks.judge.workload import Workload

BATCH = 16


def main(folder: str, dtype: str) -> None:
    """Scores until its input ends."""
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=dtype).eval()
    padding = model.config.pad_token_id

    @torch.inference_mode()
    def score(workload: Workload) -> tuple[float, np.ndarray]:
        sequences = workload.sequences()
        started = time.perf_counter()
        outputs: list[torch.Tensor] = []
        for at in range(0, len(sequences), BATCH):
            batch = [torch.tensor(ids) for ids in sequences[at : at + BATCH]]
            ids_BT = torch.nn.utils.rnn.pad_sequence(batch, True, padding)
            mask_BT = torch.nn.utils.rnn.pad_sequence([torch.ones_like(ids) for ids in batch], True)
            outputs.append(model(input_ids=ids_BT, attention_mask=mask_BT, use_cache=False).logits)
        return time.perf_counter() - started, torch.cat(outputs).float().numpy()

    compete(score)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
