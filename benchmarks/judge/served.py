"""Rows of the service: 16 clients in a closed loop, a conversation a call."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.judge.closed_loop import time_judge, time_vllm
from benchmarks.judge.server import judge_server, vllm_server
from benchmarks.judge.setting import Setting
from benchmarks.judge.workload import Workload
from benchmarks.row import Row, rates

CLIENTS = 16


def served_rows(setting: Setting) -> list[Row]:
    """Ours against vLLM's HTTP server, and against our own engine without a server."""
    work = setting.single()
    tokens = _tokens(work)
    ours: list[float] = []
    theirs: list[float] = []
    offline: list[float] = []
    with ExitStack() as stack:
        judge = stack.enter_context(judge_server(setting))
        with vllm_server(setting) as vllm:
            worked = judge.model_seconds
            for workload in work:
                ours.append(asyncio.run(time_judge(judge.address, workload, CLIENTS)))
                theirs.append(asyncio.run(time_vllm(vllm.address, workload, CLIENTS)))
        busy = (judge.model_seconds - worked) / sum(ours)
        engine = stack.enter_context(setting.ours())
        again: list[float] = []
        others = setting.single(first=setting.conversations)  # It knows the scores of the first.
        for workload in others:
            offline.append(engine.seconds(workload)[0])
            again.append(asyncio.run(time_judge(judge.address, workload, CLIENTS)))
    rows = [
        rates("served vllm", "vLLM's HTTP server", "tokens/s", tokens, ours, theirs),
        rates("served offline", "our engine alone", "tokens/s", _tokens(others), again, offline),
        Row("engine busy", busy, "of the time", "all of it", 1.0, busy, 1, busy, busy),
    ]
    print(*rows, sep="\n", flush=True)
    return rows


def _tokens(work: Sequence[Workload]) -> list[float]:
    return [float(sum(map(len, workload.sequences()))) for workload in work]
