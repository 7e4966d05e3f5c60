"""Rows of overload: five times what the judge can do, and it goes on doing what it can."""

import asyncio
from collections.abc import Callable
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

BATCH_TOKENS, QUEUE_TOKENS = 256, 512
"""As one sets them who wants answers soon: two batches of about four calls may wait."""

SLO_SECONDS, DEADLINE_SECONDS = 4.0, 10.0
SECONDS = 25.0
LIGHT, OVER = 0.7, 5.0
"""Of the peak."""

STEP, RISE = 1.3, 1.05
"""Each rate while the peak is sought, of the one before; and by what goodput rises at least."""


def overload_rows(setting: Setting) -> list[Row]:
    """Goodput and p99 under five times the capacity, and what memory does."""
    setting = replace(setting, batch_tokens=BATCH_TOKENS)
    with judge_server(setting, QUEUE_TOKENS) as judge:
        trace = _trace()
        content = Content(trace, 0, VOCABULARY.start, VOCABULARY.stop)
        connection = Connection(
            judge.address, deadline=DEADLINE_SECONDS, retries=Retries(attempts=1)
        )
        target = GrpcSettings(connection, content, JUDGE, token_ids=True)
        with Generator(target, 1, SLO_SECONDS) as generator:

            def at(rate: float) -> StepResult:
                [step] = run(generator, constant(rate, SECONDS), SLO_SECONDS, seed=int(10 * rate))
                print(f"{rate:.1f} calls/s: {step.goodput:.1f} good", flush=True)
                return step

            peak = _peak(at, first=_one_client(judge.address, trace))
            light, before = at(LIGHT * peak), judge.resident_bytes
            over, after = at(OVER * peak), judge.resident_bytes
    p99, light_p99 = (step.latency_ms["99"] or np.nan for step in (over, light))
    rows = [
        _row("overload goodput", over.goodput, "calls/s", "peak goodput", peak, 1),
        _row("overload p99", p99, "ms", f"p99 at {LIGHT:.0%} load", light_p99, -1),
        _row("overload memory", after / 2**20, "MiB", "before it", before / 2**20, -1),
    ]
    print(f"offered {over.offered:.1f} calls/s: {over.codes}", *rows, sep="\n", flush=True)
    return rows


def _row(name: str, value: float, unit: str, peer: str, peer_value: float, better: int) -> Row:
    ratio = (value / peer_value) ** better
    return Row(name, value, unit, peer, peer_value, ratio, 1, ratio, ratio)


def _trace() -> list[Lengths]:
    """Short calls, so that there are enough of them for a p99."""
    random = np.random.default_rng(0)
    lengths = np.clip(random.lognormal(np.log(64), 0.5, 1000), 24, 256).astype(int).tolist()
    return [Lengths(length - 16, (16,)) for length in lengths]


def _peak(at: Callable[[float], StepResult], first: float) -> float:
    """The most goodput that rising rates bring."""
    rate, best = first, at(first).goodput
    while True:
        rate *= STEP
        goodput = at(rate).goodput
        if goodput < RISE * best:
            return max(best, goodput)
        best = goodput


def _one_client(address: str, trace: list[Lengths]) -> float:
    """Calls per second of one client that waits for each answer: less than the peak."""
    work = Workload("single", 0, 32)
    seconds = asyncio.run(time_judge(address, work, clients=1))
    tokens = sum(map(len, work.sequences()))
    mean_tokens = sum(lengths.prompt + lengths.completions[0] for lengths in trace) / len(trace)
    return tokens / seconds / mean_tokens
