"""Clients that each wait for an answer before they ask again."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

import aiohttp
import grpc

from benchmarks.judge.server import JUDGE
from benchmarks.judge.workload import Workload
from ratchet.process.packed import pack_u32
from ratchet.v1.judge_service_pb2 import ScoreItem, ScoreRequest, ScoreResponse
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceStub

Send = Callable[[int], Awaitable[None]]


async def closed_loop(send: Send, calls: int, clients: int) -> float:
    """Seconds that so many clients take for calls 0 to `calls`."""
    numbers: Iterator[int] = iter(range(calls))

    async def client() -> None:
        for number in numbers:
            await send(number)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return time.perf_counter() - started


async def time_judge(address: str, work: Workload, clients: int) -> float:
    """Seconds for the workload over gRPC, a conversation in each call."""
    requests = [
        ScoreRequest(items=[scored_item(group.prompt_ids, group.completion_ids[0])], judge=JUDGE)
        for group in work.groups()
    ]
    async with grpc.aio.insecure_channel(address) as channel:
        stub = JudgeServiceStub(channel)

        async def send(number: int) -> None:
            reply: ScoreResponse = await stub.Score(requests[number], timeout=600)
            if reply.items[0].judgement.HasField("error"):
                raise RuntimeError(reply.items[0].judgement.error.message)

        await channel.channel_ready()
        return await closed_loop(send, len(requests), clients)


async def time_vllm(address: str, work: Workload, clients: int) -> float:
    """Seconds for the same over HTTP."""
    bodies = [{"model": JUDGE, "input": ids} for ids in work.sequences()]
    async with aiohttp.ClientSession(f"http://{address}") as session:

        async def send(number: int) -> None:
            async with session.post("/classify", json=bodies[number]) as reply:
                reply.raise_for_status()
                await reply.read()

        return await closed_loop(send, len(bodies), clients)


def scored_item(prompt_ids: tuple[int, ...], completion_ids: tuple[int, ...]) -> ScoreItem:
    """An item of token ids."""
    return ScoreItem(
        prompt_token_ids=pack_u32(prompt_ids), completion_token_ids=pack_u32(completion_ids)
    )
