"""One process of the generator: an open loop."""

import asyncio
import gc
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from load_tests.event_loop import new_event_loop
from load_tests.schedule import Arrivals
from load_tests.tally import Tally
from load_tests.target import NotReady, Request, Target, TargetSettings


@dataclass(frozen=True)
class Order:
    """What a process is told to send."""

    arrivals: Arrivals
    steps: int
    slo: float


async def offer(
    target: Target[Request],
    order: Order,
    requests: Sequence[Request],
    begin: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[Tally]:
    """Starts every call when it is due, never waiting for another.

    Args:
        target: entered.
        order: when calls are due.
        requests: what they are, in the same order, built before so that no call waits for it.
        begin: when the first second begins, on `clock`; all processes of a machine share it.
        clock: seconds.
        sleep: waits on `clock`.

    Returns:
        A tally for each step, once all calls are over.
    """
    tallies = [Tally() for _ in range(order.steps)]

    async def one(request: Request, due: float, step: int) -> None:
        sent = clock()
        code = await target.send(request)
        tallies[step].record(due, sent, clock(), code, order.slo)

    calls = order.arrivals
    # The group holds the calls in flight alone, however many there are in all.
    async with asyncio.TaskGroup() as running:
        for request, at, step in zip(
            requests, calls.due.tolist(), calls.step.tolist(), strict=True
        ):
            # A call that is overdue goes out in this turn of the loop, and answers are read, too.
            await sleep(max(begin + at - clock(), 0))
            running.create_task(one(request, begin + at, step))
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
            while (order := await asyncio.to_thread(_received, pipe)) is not None:
                requests = [target.prepare(number) for number in order.arrivals.number.tolist()]
                # Nor does a call wait until the collector has looked through all of them.
                gc.freeze()
                pipe.send(None)
                begin = await asyncio.to_thread(_received, pipe)
                if begin is None:
                    return
                pipe.send(await offer(target, order, requests, begin))
                gc.unfreeze()
    except (NotReady, ValueError) as error:
        pipe.send(error)


def _received(pipe: Connection) -> Any:
    """An order, when to begin with it, or None for the end."""
    try:
        return pipe.recv()
    except EOFError:
        return None  # Nobody waits for an answer any more.
