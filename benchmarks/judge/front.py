"""Rows of the front end alone: calls with token ids, and a model that does nothing."""

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import grpc

from benchmarks.judge.closed_loop import closed_loop, scored_item
from benchmarks.judge.server import front_server
from benchmarks.judge.setting import Setting
from benchmarks.judge.workload import Workload
from benchmarks.row import Row, rates
from ratchet.v1.judge_service_pb2 import ScoreRequest, ScoreResponse

RUNS = 7
CLIENTS = 32
CALLS = {1: 8000, 32: 1200}
"""By the items of a call."""


def front_rows(setting: Setting) -> list[Row]:
    """Ours against a bare grpc.aio server that answers with the request."""
    with front_server(setting, "judge") as ours, front_server(setting, "echo") as theirs:
        return [
            _row("front one", 1, ours.address, theirs.address),
            _row("front 32", 32, ours.address, theirs.address),
        ]


def _row(name: str, items: int, ours: str, theirs: str) -> Row:
    seconds: tuple[list[float], list[float]] = ([], [])
    work = _requests(items)
    for run in range(RUNS):
        for side in (0, 1) if run % 2 == 0 else (1, 0):
            read: Callable[[bytes], Any] = (ScoreResponse, ScoreRequest)[side].FromString
            taken = asyncio.run(_seconds((ours, theirs)[side], read, work, CALLS[items]))
            seconds[side].append(taken)
    row = rates(
        name, "bare grpc.aio echo", "items/s", [float(items * CALLS[items])] * RUNS, *seconds
    )
    print(row, flush=True)
    return row


def _requests(items: int) -> list[ScoreRequest]:
    groups = Workload("single", 0, 256).groups()
    scored = [scored_item(group.prompt_ids, group.completion_ids[0]) for group in groups]
    return [
        ScoreRequest(items=[scored[(at + i) % len(scored)] for i in range(items)])
        for at in range(64)
    ]


async def _seconds(
    address: str, read: Callable[[bytes], Any], requests: list[ScoreRequest], calls: int
) -> float:
    async with grpc.aio.insecure_channel(address) as channel:
        score = channel.unary_unary(
            "/ratchet.v1.JudgeService/Score",
            request_serializer=ScoreRequest.SerializeToString,
            response_deserializer=read,
        )

        async def send(number: int) -> None:
            await score(requests[number % len(requests)])

        await channel.channel_ready()
        await closed_loop(send, calls // 10, CLIENTS)  # The connection's first calls are slow.
        gc.collect()
        return await closed_loop(send, calls, CLIENTS)
