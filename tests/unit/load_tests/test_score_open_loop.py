"""The load generator: it sends on time whatever the server does, and charges for what was late."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from load_tests.score_open_loop import Call, Reply, Report, offer, schedule


class VirtualTime:
    """A clock that moves when somebody sleeps, and never else."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, len(self._sleepers), done))
        await done

    async def run(self) -> None:
        while True:
            for _ in range(5):  # lets everything that can run now get to its next sleep
                await asyncio.sleep(0)
            if self._sleepers:
                self._sleepers.sort()
                at, _, done = self._sleepers.pop(0)
                self.now = max(self.now, at)
                done.set_result(None)


async def offered(time: VirtualTime, call: Call, due: list[float]) -> list[Reply]:
    mover = asyncio.create_task(time.run())
    replies = await offer(call, due, time.clock, time.sleep)
    mover.cancel()
    return replies


async def test_slow_replies_do_not_slow_the_sending() -> None:
    time = VirtualTime()

    async def slow(_number: int) -> str:
        await time.sleep(60)
        return "OK"

    replies = await offered(time, slow, schedule(rate=10, seconds=1))
    assert [reply.sent for reply in replies] == pytest.approx([at / 10 for at in range(10)])
    assert [reply.latency for reply in replies] == pytest.approx([60] * 10)


async def test_a_client_that_falls_behind_sends_at_once_and_counts_from_the_schedule() -> None:
    time = VirtualTime()

    async def stall(number: int) -> str:
        time.now += 2.0 if number == 0 else 0.0
        return "OK"

    replies = await offered(time, stall, [0.0, 1.0, 1.5])
    assert [reply.latency for reply in replies][1:] == pytest.approx([1.0, 0.5])


@given(rate=st.floats(0.5, 200), seconds=st.floats(0.5, 20), seed=st.integers(0, 100))
def test_a_schedule_is_ordered_and_of_the_asked_rate(
    rate: float, seconds: float, seed: int
) -> None:
    even, random = schedule(rate, seconds), schedule(rate, seconds, seed)
    assert len(even) == round(rate * seconds)
    expected = rate * seconds
    assert abs(len(random) - expected) <= 6 * expected**0.5 + 6
    for due in (even, random):
        assert due == sorted(due)
        assert all(0 <= at < seconds + 1 / rate for at in due)


def test_goodput_counts_neither_errors_nor_what_came_after_the_deadline() -> None:
    replies = [
        Reply(due=0, sent=0, done=0.5, code="OK"),
        Reply(due=0, sent=2.9, done=3.0, code="OK"),
        Reply(due=0, sent=0, done=0.1, code="RESOURCE_EXHAUSTED"),
    ]
    report = Report(replies, seconds=2, deadline_seconds=1)
    assert report.goodput == 0.5
    assert "RESOURCE_EXHAUSTED 1" in str(report)
