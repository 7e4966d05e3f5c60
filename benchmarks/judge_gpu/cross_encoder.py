"""Rows against CrossEncoder: pairs of texts, from the text on, on both sides."""

import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from benchmarks.judge.offline import DISAGREEMENT
from benchmarks.judge.workload import MEDIAN_TOKENS, Workload
from benchmarks.judge_gpu.engine import Engine
from benchmarks.judge_gpu.setting import Setting
from benchmarks.row import Row, rates
from ratchet.reward.classifier import Classifier
from ratchet.reward.packing import TokenGroup

BATCH = 32
"""CrossEncoder's default."""

Pairs = Sequence[tuple[str, str]]
Score = Callable[[Pairs], np.ndarray]


def cross_encoder_rows(setting: Setting) -> Iterator[Row]:
    """Conversations of 50 to 1,000 tokens, as `make bench-judge` has them, by the first size."""
    size = setting.sizes[0]
    installed = importlib.util.find_spec("sentence_transformers") is not None
    peer = "CrossEncoder" if installed else "transformers, padded batches of 32"
    theirs = _cross_encoder(setting) if installed else _padded(setting)
    ours = _ours(setting)
    seconds: tuple[list[float], list[float]] = ([], [])
    counts: list[float] = []
    for run, work in enumerate(setting.work(size, "single", 4 * MEDIAN_TOKENS, 0)):
        pairs = _pairs(work)
        outputs: list[np.ndarray] = [np.empty(0), np.empty(0)]
        taken = [0.0, 0.0]
        for side in (0, 1) if run % 2 == 0 else (1, 0):
            started = time.perf_counter()
            outputs[side] = (ours, theirs)[side](pairs)
            taken[side] = time.perf_counter() - started
        apart = np.abs(outputs[0] - outputs[1]).mean() / outputs[1].std()
        print(f"outputs are {apart:.3f} deviations apart", flush=True)
        if apart > DISAGREEMENT:
            raise RuntimeError("it is not the same work that was measured")
        if run > 0:
            counts.append(float(work.count))
            for side in (0, 1):
                seconds[side].append(taken[side])
    yield rates(f"{size.name} mixed lengths", peer, "sequences/s", counts, *seconds)


def _pairs(work: Workload) -> Pairs:
    def text(ids: Sequence[int]) -> str:
        return " ".join(map(str, ids))

    return [(text(group.prompt_ids), text(group.completion_ids[0])) for group in work.groups()]


def _ours(setting: Setting) -> Score:
    engine = Engine(
        Classifier.load(setting.model, compiled=True, graph_tokens=setting.batch_tokens),
        setting.batch_tokens,
    )
    tokenizer: Any = AutoTokenizer.from_pretrained(setting.model)

    def score(pairs: Pairs) -> np.ndarray:
        prompts, answers = (tokenizer(list(side))["input_ids"] for side in zip(*pairs, strict=True))
        groups = [
            TokenGroup(tuple(prompt), (tuple(answer),))
            for prompt, answer in zip(prompts, answers, strict=True)
        ]
        return engine.outputs(groups)[:, 0]

    return score


def _cross_encoder(setting: Setting) -> Score:
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(
        str(setting.model),
        device=str(setting.device),
        model_kwargs={"dtype": setting.dtype},
        activation_fn=torch.nn.Identity(),
        local_files_only=True,
    )
    return lambda pairs: np.asarray(model.predict(pairs, batch_size=BATCH), np.float32)


def _padded(setting: Setting) -> Score:
    model = AutoModelForSequenceClassification.from_pretrained(setting.model, dtype=setting.dtype)
    model = model.eval().to(setting.device)
    tokenizer: Any = AutoTokenizer.from_pretrained(setting.model)

    @torch.inference_mode()
    def score(pairs: Pairs) -> np.ndarray:
        texts = [" ".join(pair) for pair in pairs]
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        outputs = np.empty(len(texts), np.float32)
        for at in range(0, len(order), BATCH):
            batch = order[at : at + BATCH]
            padded = tokenizer([texts[i] for i in batch], padding=True, return_tensors="pt")
            logits = model(**padded.to(setting.device), use_cache=False).logits
            outputs[batch] = logits[:, 0].float().cpu().numpy()
        return outputs

    return score
