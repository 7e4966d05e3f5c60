"""The open loop: it sends on time whatever the server does, and charges for what was late."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import numpy as np
import pytest
from load_tests.event_loop import new_event_loop
from load_tests.schedule import Arrivals
from load_tests.tally import Tally
from load_tests.worker import Order, offer
from tests.unit.load_tests.virtual_time import VirtualTime

Send = Callable[[int], Awaitable[str]]
BEGIN = 100.0


class FakeTarget:
    """Sends by a function."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    def prepare(self, number: int) -> int:
        return number

    async def send(self, request: int) -> str:
        return await self._send(request)


async def offered(time: VirtualTime, send: Send, due: list[float], step: list[int]) -> list[Tally]:
    mover = asyncio.create_task(time.run())
    calls = Arrivals(np.array(due), np.array(step), np.arange(len(due)))
    order, requests = Order(calls, steps=max(step) + 1, slo=1.0), list(range(len(due)))
    tallies = await offer(FakeTarget(send), order, requests, BEGIN, time.clock, time.sleep)
    mover.cancel()
    return tallies


async def test_slow_answers_do_not_slow_the_sending() -> None:
    time = VirtualTime()
    sent: list[float] = []

    async def slow(_number: int) -> str:
        sent.append(time.now - BEGIN)
        await time.sleep(60)
        return "OK"

    [tally] = await offered(time, slow, [i / 10 for i in range(10)], [0] * 10)
    assert sent == pytest.approx([i / 10 for i in range(10)])
    assert tally.accepted.percentile(50) == pytest.approx(60, rel=0.001)
    assert tally.lateness.percentile(100) == 0


async def test_a_generator_that_stalls_counts_from_the_schedule_and_says_so() -> None:
    time = VirtualTime()

    async def stall(number: int) -> str:
        time.now += 2.0 if number == 0 else 0.0
        return "OK"

    [tally] = await offered(time, stall, [0.0, 0.5, 1.0, 1.5], [0] * 4)
    # The others waited 1.5, 1 and 0.5 s for the first one, and no server was to blame.
    assert tally.lateness.percentile(100) == pytest.approx(1.5, rel=0.001)
    latencies = [tally.accepted.percentile(percent) for percent in (25, 50, 75, 100)]
    assert latencies == pytest.approx([0.5, 1.0, 1.5, 2.0], rel=0.001)


async def test_only_accepted_calls_have_a_latency_and_only_timely_ones_are_good() -> None:
    time = VirtualTime()

    async def some(number: int) -> str:
        await time.sleep([0.5, 3.0, 0.1, 9.0][number])
        return ["OK", "OK", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"][number]

    [tally] = await offered(time, some, [0.0] * 4, [0] * 4)
    assert tally.codes == {"OK": 2, "RESOURCE_EXHAUSTED": 1, "DEADLINE_EXCEEDED": 1}
    assert tally.good == 1
    assert len(tally.accepted) == 2
    assert tally.accepted.percentile(100) == pytest.approx(3.0, rel=0.001)
    assert len(tally.lateness) == 4


async def test_each_call_counts_for_its_step() -> None:
    time = VirtualTime()

    async def code(number: int) -> str:
        return f"CODE_{number}"

    tallies = await offered(time, code, [0.0, 1.0, 2.0], [0, 1, 1])
    assert [tally.codes for tally in tallies] == [{"CODE_0": 1}, {"CODE_1": 1, "CODE_2": 1}]


def test_the_event_loop_runs_what_comes_in_while_it_waits() -> None:
    async def both() -> list[str]:
        seen: list[str] = []
        loop = asyncio.get_running_loop()
        waiting = asyncio.create_task(asyncio.sleep(60))
        await asyncio.to_thread(loop.call_soon_threadsafe, seen.append, "from a thread")
        waiting.cancel()
        await asyncio.sleep(0.001)
        return seen

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        assert runner.run(both()) == ["from a thread"]
