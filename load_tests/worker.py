"""One process of the generator: an open loop."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from load_tests.event_loop import new_event_loop
from load_tests.schedule import Arrivals
from load_tests.tally import Tally
from load_tests.target import NotReady, Request, Target, TargetSettings


@dataclass(frozen=True)
class Order:
    """What a process is told to send."""

    begin: float
    """On `time.monotonic`'s clock, which all processes of a machine share."""
    arrivals: Arrivals
    steps: int
    slo: float


async def offer(
    target: Target[Request],
    order: Order,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[Tally]:
    """Starts every call when it is due, never waiting for another; a tally for each step."""
    tallies = [Tally() for _ in range(order.steps)]

    async def one(request: Request, due: float, step: int) -> None:
        sent = clock()
        code = await target.send(request)
        tallies[step].record(due, sent, clock(), code, order.slo)

    calls = order.arrivals
    # The group holds the calls in flight alone, however many there are in all.
    async with asyncio.TaskGroup() as running:
        for number, at, step in zip(
            calls.number.tolist(), calls.due.tolist(), calls.step.tolist(), strict=True
        ):
            request = target.prepare(number)
            due = order.begin + at
            # A call that is overdue goes out in this turn of the loop, and answers are read, too.
            await sleep(max(due - clock(), 0))
            running.create_task(one(request, due, step))
    return tallies


def work(pipe: Connection, settings: TargetSettings) -> None:
    """The whole life of a process: connects, says so, and carries out orders until None."""
    # Ctrl-C goes to all processes at once; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_work(pipe, settings))


async def _work(pipe: Connection, settings: TargetSettings) -> None:
    try:
        async with settings.open() as target:
            pipe.send(None)
            while (order := await asyncio.to_thread(_next_order, pipe)) is not None:
                pipe.send(await offer(target, order))
    except (NotReady, ValueError) as error:
        pipe.send(error)


def _next_order(pipe: Connection) -> Order | None:
    try:
        return pipe.recv()
    except EOFError:
        return None  # Nobody waits for an answer any more.
