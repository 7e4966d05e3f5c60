"""A process of clients in a closed loop, told by its input what to ask for."""

import asyncio
import sys
import time

import grpc
import numpy as np

from benchmarks.judge.closed_loop import closed_loop, scored_item
from benchmarks.judge.contender import compete
from benchmarks.judge.server import JUDGE
from benchmarks.judge.workload import Workload
from ratchet.v1.judge_service_pb2 import ScoreRequest, ScoreResponse
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceStub

SEQUENCES = 32
"""In flight, of one process."""


async def ask(address: str, items: int, work: Workload) -> tuple[float, float]:
    """When the first call was sent and when the last was answered, on the machine's clock."""
    groups = work.groups()
    scored = [scored_item(group.prompt_ids, group.completion_ids[0]) for group in groups]
    requests = [
        ScoreRequest(items=scored[at : at + items], judge=JUDGE)
        for at in range(0, len(scored), items)
    ]
    async with grpc.aio.insecure_channel(address) as channel:
        stub = JudgeServiceStub(channel)

        async def send(number: int) -> None:
            reply: ScoreResponse = await stub.Score(requests[number], timeout=600)
            for item in reply.items:
                if item.judgement.HasField("error"):
                    raise RuntimeError(item.judgement.error.message)

        await channel.channel_ready()
        started = time.monotonic()
        await closed_loop(send, len(requests), max(SEQUENCES // items, 1))
        return started, time.monotonic()


def main(address: str, items: int) -> None:
    """Asks until its input ends; what it "scores" are the times of a run's start and end."""

    def score(work: Workload) -> tuple[float, np.ndarray]:
        started, ended = asyncio.run(ask(address, items, work))
        return ended - started, np.array([[started, ended]])

    compete(score)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
