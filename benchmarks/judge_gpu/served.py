"""Rows of the service: the judge in a process of its own, its clients in others."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise

from benchmarks.judge import setting as cpu
from benchmarks.judge.contender import Contender
from benchmarks.judge.server import judge_server
from benchmarks.judge.workload import Workload
from benchmarks.judge_gpu.engine import Engine
from benchmarks.judge_gpu.setting import Setting
from benchmarks.row import Row, rates
from ratchet.reward.classifier import Classifier

LENGTH = 300
QUEUE_TOKENS = 2**20
ITEMS = (1, 8)
"""Of a call."""


def served_rows(setting: Setting) -> Iterator[Row]:
    """The first size over gRPC, against our own engine without a server."""
    size = setting.sizes[0]
    server = cpu.Setting(setting.model, setting.folder, 0, 0, setting.batch_tokens)
    with ThreadPoolExecutor(1) as threads:
        loading = threads.submit(
            Classifier.load, setting.model, compiled=True, graph_tokens=setting.batch_tokens
        )
        with judge_server(server, QUEUE_TOKENS) as judge:
            engine = Engine(loading.result(), setting.batch_tokens)
            for items in ITEMS:
                work = list(setting.work(size, "single", LENGTH, LENGTH))
                # The judge may remember scores: no row asks for what another has asked for.
                shift = items * len(work) * work[0].count
                work = [replace(each, first=shift + each.first) for each in work]
                with Clients(judge.address, items, setting) as clients:
                    runs = [(clients.seconds(each), engine.seconds(each)) for each in work][1:]
                served, alone = zip(*runs, strict=True)
                counts = [float(each.count) for each in work[1:]]
                name = f"{size.name} {LENGTH} served, {items} a call"
                yield rates(name, "our engine alone", "sequences/s", counts, served, alone)


class Clients:
    """Processes that share a workload."""

    def __init__(self, address: str, items: int, setting: Setting) -> None:
        self._stack = ExitStack()
        self._processes = [
            Contender(
                "benchmarks.judge_gpu.client",
                [address, str(items)],
                os.environ,
                setting.folder / f"client-{number}.log",
            )
            for number in range(setting.clients)
        ]

    def __enter__(self) -> "Clients":
        for process in self._processes:
            self._stack.enter_context(process)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def seconds(self, work: Workload) -> float:
        """From the first call of any to the last answer of any."""
        count = len(self._processes)
        bounds = [work.first + work.count * i // count for i in range(count + 1)]
        shares = [replace(work, first=first, count=end - first) for first, end in pairwise(bounds)]
        with ThreadPoolExecutor(count) as threads:
            found = list(threads.map(lambda p, w: p.seconds(w)[1][0], self._processes, shares))
        return max(end for _, end in found) - min(start for start, _ in found)
