"""Rows of overload: five times what the judge can do, and it goes on doing what it can."""

import asyncio
from dataclasses import replace

import numpy as np
from load_tests.content import Content
from load_tests.result import StepResult
from load_tests.run import Generator, run
from load_tests.schedule import constant
from load_tests.target_grpc import GrpcSettings
from load_tests.trace import Lengths

from benchmarks.judge.closed_loop import time_judge
from benchmarks.judge.server import JUDGE, judge_server
from benchmarks.judge.setting import Setting
from benchmarks.judge.workload import VOCABULARY, Workload
from benchmarks.row import Row
from ratchet.client.connection import Connection
from ratchet.client.retries import Retries

BATCH_TOKENS, QUEUE_TOKENS = 512, 1024
"""As one sets them who wants answers soon."""

SLO_SECONDS, DEADLINE_SECONDS = 4.0, 10.0
SECONDS = 25.0
LIGHT, OVER = 0.7, 5.0


def overload_rows(setting: Setting) -> list[Row]:
    """Goodput and p99 under five times the capacity, and what memory does."""
    setting = replace(setting, batch_tokens=BATCH_TOKENS)
    with judge_server(setting, QUEUE_TOKENS) as judge:
        trace = _trace()
        capacity = _capacity(judge.address, trace)
        content = Content(trace, 0, VOCABULARY.start, VOCABULARY.stop)
        connection = Connection(
            judge.address, deadline=DEADLINE_SECONDS, retries=Retries(attempts=1)
        )
        target = GrpcSettings(connection, content, JUDGE, token_ids=True)
        found: dict[float, StepResult] = {}
        memory: list[int] = []
        with Generator(target, 1, SLO_SECONDS) as generator:
            for load in (LIGHT, 1.0, 1.2, OVER):
                phases = constant(load * capacity, SECONDS)
                [found[load]] = run(generator, phases, SLO_SECONDS, seed=int(10 * load))
                memory.append(judge.resident_bytes)
    peak = max(step.goodput for step in found.values())
    p99, light_p99 = (found[load].latency_ms["99"] or np.nan for load in (OVER, LIGHT))
    rows = [
        _row("overload goodput", found[OVER].goodput, "calls/s", "peak goodput", peak, 1),
        _row("overload p99", p99, "ms", f"p99 at {LIGHT:.0%} load", light_p99, -1),
        _row("overload memory", memory[-1] / 2**20, "MiB", "before it", memory[-2] / 2**20, -1),
    ]
    print(f"capacity {capacity:.1f} calls/s; {found[OVER].codes}", *rows, sep="\n", flush=True)
    return rows


def _row(name: str, value: float, unit: str, peer: str, peer_value: float, better: int) -> Row:
    ratio = (value / peer_value) ** better
    return Row(name, value, unit, peer, peer_value, ratio, 1, ratio, ratio)


def _trace() -> list[Lengths]:
    """Short calls, so that there are enough of them for a p99."""
    random = np.random.default_rng(0)
    lengths = np.clip(random.lognormal(np.log(64), 0.5, 1000), 24, 256).astype(int).tolist()
    return [Lengths(length - 16, (16,)) for length in lengths]


def _capacity(address: str, trace: list[Lengths]) -> float:
    """Calls per second: tokens per second of one client over the tokens of a call."""
    work = Workload("single", 0, 32)
    seconds = asyncio.run(time_judge(address, work, clients=1))
    tokens = sum(map(len, work.sequences()))
    mean_tokens = sum(lengths.prompt + lengths.completions[0] for lengths in trace) / len(trace)
    return tokens / seconds / mean_tokens
