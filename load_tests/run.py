"""A whole run: several processes send, and what they counted is added up."""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from load_tests.result import StepResult, step_result
from load_tests.schedule import Phase, arrivals
from load_tests.tally import Tally
from load_tests.target import NotReady, TargetSettings
from load_tests.worker import Order, work

LEAD_SECONDS = 0.25
"""From when the processes are told the begin to the begin."""


class Generator:
    """Processes that are connected to a target, until the with block ends."""

    def __init__(self, settings: TargetSettings, processes: int, slo: float) -> None:
        """`slo`: seconds from the scheduled send within which a call is good."""
        if processes < 1:
            raise ValueError(f"processes: {processes} is not above 0")
        self._settings, self._count, self._slo = settings, processes, slo
        self._workers: list[tuple[SpawnProcess, Connection]] = []
        self._stack = ExitStack()

    def __enter__(self) -> "Generator":
        """Starts and connects all. Raises NotReady, or ValueError for a target without sense."""
        with ExitStack() as stack:
            for _ in range(self._count):
                self._workers.append(stack.enter_context(_Worker(self._settings)).ends)
            for worker in self._workers:
                _answer(worker)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends all."""
        self._stack.close()

    def offer(self, phase: Phase, number: int, seed: Sequence[int] | None) -> list[Tally]:
        """Sends a phase's calls, numbered from `number`, and waits for their ends.

        Returns:
            A tally for each step.

        Raises:
            RuntimeError: a process died.
        """
        calls = arrivals(phase, number, seed)
        for i, (_, pipe) in enumerate(self._workers):
            pipe.send(Order(calls.share(i, self._count), len(phase), self._slo))
        for worker in self._workers:
            _answer(worker)
        begin = time.monotonic() + LEAD_SECONDS
        for _, pipe in self._workers:
            pipe.send(begin)
        total = [Tally() for _ in phase]
        for worker in self._workers:
            for tally, part in zip(total, _answer(worker), strict=True):
                tally.add(part)
        return total


def run(
    generator: Generator,
    phases: Sequence[Phase],
    slo: float,
    seed: int | None,
    warm_up: Phase | None = None,
) -> Iterator[StepResult]:
    """Offers one phase after the other and yields each step once its phase is over.

    Args:
        generator: connected.
        phases: in order.
        slo: seconds from the scheduled send within which a call is good.
        seed: of a Poisson process; None spaces calls evenly.
        warm_up: offered before, and not reported.
    """
    number = 0
    if warm_up is not None:
        number += sum(tally.codes.total() for tally in generator.offer(warm_up, number, None))
    for i, phase in enumerate(phases):
        tallies = generator.offer(phase, number, None if seed is None else (seed, i))
        for step, tally in zip(phase, tallies, strict=True):
            # By chance a Poisson process can leave a short step empty.
            if tally.codes:
                yield step_result(step, tally, slo)
            number += tally.codes.total()


class _Worker:
    """A process and this end of its pipe."""

    def __init__(self, settings: TargetSettings) -> None:
        # A forked process would have gRPC's threads without their state.
        context = multiprocessing.get_context("spawn")
        self._pipe, self._its_end = context.Pipe()
        self._process = context.Process(target=work, args=(self._its_end, settings), daemon=True)

    @property
    def ends(self) -> tuple[SpawnProcess, Connection]:
        return self._process, self._pipe

    def __enter__(self) -> "_Worker":
        self._process.start()
        self._its_end.close()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # It is gone already.
            self._pipe.send(None)
        self._process.join(5)
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _answer(worker: tuple[SpawnProcess, Connection]) -> Any:
    process, pipe = worker
    try:
        answer = pipe.recv()
    except EOFError:
        process.join()
        code = process.exitcode
        raise RuntimeError(f"a process of the generator died (exit code {code})") from None
    if isinstance(answer, NotReady | ValueError):
        raise answer
    return answer
