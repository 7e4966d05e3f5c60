"""Open-loop load on JudgeService.Score.

    python load_tests/score_open_loop.py --target 127.0.0.1:50051 --rate 50 --seconds 20

Calls leave on a schedule, whether or not earlier ones are back, and a call's latency counts from
the moment it was due. So a server (or this client) that stalls is charged for the calls that had to
wait; a closed loop would send fewer of them and look well (coordinated omission).
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import grpc
import numpy as np

from ratchet.v1.chat_pb2 import Message
from ratchet.v1.judge_service_pb2 import ScoreItem, ScoreRequest
from ratchet.v1.judge_service_pb2_grpc import JudgeServiceStub

Call = Callable[[int], Awaitable[str]]
"""Makes the call with this number and returns its status code's name."""


@dataclass(frozen=True)
class Reply:
    """One call as its sender saw it; times in seconds since the load began."""

    due: float
    sent: float
    done: float
    code: str

    @property
    def latency(self) -> float:
        """Seconds from the scheduled send, not from the real one."""
        return self.done - self.due


@dataclass(frozen=True)
class Report:
    """What a load did."""

    replies: Sequence[Reply]
    seconds: float
    deadline_seconds: float

    @property
    def good(self) -> list[Reply]:
        """Answered OK within the deadline, counted from the scheduled send."""
        return [r for r in self.replies if r.code == "OK" and r.latency <= self.deadline_seconds]

    @property
    def goodput(self) -> float:
        """Good replies per second."""
        return len(self.good) / self.seconds

    def __str__(self) -> str:
        """A table."""
        codes = Counter(reply.code for reply in self.replies)
        late = np.array([reply.sent - reply.due for reply in self.replies])
        lines = [
            f"offered {len(self.replies) / self.seconds:10.1f} calls/s",
            f"goodput {self.goodput:10.1f} calls/s (OK within {self.deadline_seconds:g} s)",
            "codes   " + ", ".join(f"{code} {count}" for code, count in codes.most_common()),
            f"client  sent {1000 * late.max():.1f} ms late at worst",
            f"{'latency':<20}{'p50':>10}{'p90':>10}{'p99':>10}{'max':>10}   ms",
        ]
        for code in codes:
            ms = [1000 * reply.latency for reply in self.replies if reply.code == code]
            cells = [*np.percentile(ms, [50, 90, 99]), max(ms)]
            lines.append(f"{code:<20}" + "".join(f"{cell:10.1f}" for cell in cells))
        return "\n".join(lines)


def schedule(rate: float, seconds: float, seed: int | None = None) -> list[float]:
    """When calls are due, in seconds: evenly spaced, or (with a seed) as a Poisson process."""
    if seed is None:
        return [at / rate for at in range(round(rate * seconds))]
    gaps = np.random.default_rng(seed).exponential(1 / rate, size=int(2 * rate * seconds) + 10)
    return [float(at) for at in np.cumsum(gaps) if at < seconds]


async def offer(
    call: Call,
    due: Sequence[float],
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[Reply]:
    """Starts every call when it is due, never waiting for another, and returns all replies."""
    begin = clock()

    async def one(number: int, at: float) -> Reply:
        sent = clock() - begin
        code = await call(number)
        return Reply(at, sent, clock() - begin, code)

    running: list[asyncio.Task[Reply]] = []
    for number, at in enumerate(due):
        wait = at - (clock() - begin)
        if wait > 0:
            await sleep(wait)
        running.append(asyncio.create_task(one(number, at)))
    return list(await asyncio.gather(*running))


def request(number: int, items: int) -> ScoreRequest:
    """Different text in every call, so that no cache of prefixes makes the load easy."""
    messages = [Message(role="user", content=f"My kettle, order {number}, leaks. What now?")]
    answers = (f"I am sorry about kettle {number}. What is the number? {at}" for at in range(items))
    return ScoreRequest(items=[ScoreItem(messages=messages, completion=text) for text in answers])


async def load(
    target: str, rate: float, seconds: float, items: int, deadline_seconds: float, seed: int | None
) -> Report:
    """Offers the load to a judge and returns what became of it."""
    async with grpc.aio.insecure_channel(target) as channel:
        stub = JudgeServiceStub(channel)

        async def call(number: int) -> str:
            try:
                await stub.Score(request(number, items), timeout=deadline_seconds)
            except grpc.aio.AioRpcError as error:
                return error.code().name
            return "OK"

        await channel.channel_ready()
        replies = await offer(call, schedule(rate, seconds, seed))
    return Report(replies, seconds, deadline_seconds)


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 where no call was good."""
    parser = argparse.ArgumentParser(description="Open-loop load on JudgeService.Score.")
    parser.add_argument("--target", default="127.0.0.1:50051", metavar="HOST:PORT")
    parser.add_argument("--rate", type=float, default=5.0, help="calls per second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--items", type=int, default=1, help="answers in each call")
    parser.add_argument("--deadline", type=float, default=5.0, help="seconds a call may take")
    parser.add_argument("--poisson", type=int, metavar="SEED", help="random gaps between calls")
    a = parser.parse_args(argv)
    report = asyncio.run(load(a.target, a.rate, a.seconds, a.items, a.deadline, a.poisson))
    print(report)
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main())
