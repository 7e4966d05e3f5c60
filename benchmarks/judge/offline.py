"""Rows of engines alone: no server between them and the work."""

from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np

from benchmarks.judge.contender import Contender
from benchmarks.judge.setting import Setting
from benchmarks.judge.workload import Workload
from benchmarks.row import Row, rates

DISAGREEMENT = 0.05
"""Of the outputs' deviation; more, and it is not the same work that was measured."""


def offline_rows(setting: Setting) -> list[Row]:
    """Ours against vLLM and transformers, on conversations and on groups."""
    with ExitStack() as stack:
        ours = stack.enter_context(setting.ours())
        with setting.vllm(cache=True) as vllm:
            single = race("single offline vllm torch", "vLLM", ours, vllm, setting.single())
            cached = race("group offline vllm cache on", "vLLM", ours, vllm, setting.group())
        with setting.vllm(cache=False) as vllm:
            bare = race("group offline vllm cache off", "vLLM", ours, vllm, setting.group())
        with setting.transformers() as padded:
            plain = "transformers"
            padded_rows = [
                race("single transformers", plain, ours, padded, quarter(setting.single())),
                race("group transformers", plain, ours, padded, quarter(setting.group())),
            ]
    # Our default engine is the torch one: the first two rows are one measurement.
    default = Row(**{**vars(single), "name": "single offline vllm"})
    return [default, single, cached, bare, *padded_rows]


def quarter(work: Sequence[Workload]) -> Sequence[Workload]:
    """Enough of it for a peer that is slow by far."""
    return work[: max(len(work) // 4, 1)]


def race(name: str, peer: str, ours: Contender, theirs: Contender, work: Sequence[Workload]) -> Row:
    """Our rate over the peer's on the same work, in turns; RuntimeError where scores differ."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for run, workload in enumerate(work):
        outputs: list[np.ndarray] = [np.empty(0), np.empty(0)]
        for side in (0, 1) if run % 2 == 0 else (1, 0):
            taken, outputs[side] = (ours, theirs)[side].seconds(workload)
            seconds[side].append(taken)
        apart = np.abs(outputs[0] - outputs[1]).mean() / outputs[1].std()
        if apart > DISAGREEMENT:
            raise RuntimeError(f"{name}: the outputs are {apart:.3f} deviations apart")
    tokens = [float(sum(map(len, workload.sequences()))) for workload in work]
    row = rates(name, peer, "tokens/s", tokens, *seconds)
    print(row, flush=True)
    return row
