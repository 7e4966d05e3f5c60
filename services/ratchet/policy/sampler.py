"""Turns waiting prompts into rollouts, in turns that keep the engine full."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from ratchet.policy import metrics
from ratchet.policy.config import PolicySettings
from ratchet.policy.prompt_queue import PRIORITY, PromptQueue, WaitingPrompt
from ratchet.policy.version_budget import VersionBudget
from ratchet.process.lease import ComputeLease
from ratchet.process.packed import pack_u32
from ratchet.v1.prompt_pb2 import Purpose
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup

log = logging.getLogger(__name__)


class Model(Protocol):
    """What the sampler needs of `model.PolicyModel`."""

    version: int

    async def generate(
        self, prompt_ids: tuple[int, ...], n: int, max_tokens: int, temperature: float
    ) -> list[Completion]:
        """Samples n answers to one prompt."""
        ...


class Sampler:
    """Waits for prompts that may be answered, then for its turn, then answers them together."""

    def __init__(
        self,
        settings: PolicySettings,
        model: Model,
        send: Callable[[RolloutGroup], None],
        finish: Callable[[WaitingPrompt], None],
    ) -> None:
        """Takes `send`, which blocks until a group is safe in Kafka, and `finish`, called then."""
        self._settings = settings
        self._model = model
        self._send = send
        self._finish = finish
        self._lease = ComputeLease(settings.compute_lease)
        self._queue = PromptQueue()
        self._budget = VersionBudget(
            settings.groups_per_version, settings.max_staleness, settings.stall_seconds
        )
        self._changed = asyncio.Event()

    def add(self, prompt: WaitingPrompt) -> None:
        """Lets a prompt wait for its turn."""
        self._queue.add(prompt)
        self._changed.set()

    def new_version(self) -> None:
        """The model has changed to a newer version, which grants a budget of its own."""
        self._budget.new_version(time.monotonic())
        self._changed.set()

    async def run(self) -> None:
        """Answers prompts until cancelled; what is unfinished then stays uncommitted.

        Raises:
            EngineDied: The engine's process is gone.
            DeliveryFailed: Kafka does not take a group.
        """
        while True:
            await self._until_there_is_work()
            async with self._lease.held_async():
                metrics.LEASE_WAIT_SECONDS.set(self._lease.waited_seconds)
                started = time.monotonic()
                await self._take_turn(ends_at=started + self._settings.turn_seconds)
                metrics.TURN_SECONDS.observe(time.monotonic() - started)

    async def _until_there_is_work(self) -> None:
        while True:
            self._changed.clear()
            self._refill_if_stalled()
            if self._queue.has_next(self._model.version, self._budget.left):
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), self._seconds_to_stall())

    async def _take_turn(self, ends_at: float) -> None:
        """Fills every place in the engine that falls free, until `ends_at` or nothing is left.

        Whoever came late joins those that are being answered: one engine with many sequences takes
        less time than the same sequences in two batches.
        """
        running = self._begin(0)
        try:
            while running:
                await self._first_change(running)
                for task in [task for task in running if task.done()]:
                    del running[task]
                    task.result()
                if time.monotonic() < ends_at:
                    running |= self._begin(sum(running.values()))
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _begin(self, sequences: int) -> dict[asyncio.Task[None], int]:
        """Begins what may be answered beside `sequences` answers: tasks, and answers of each."""
        training = Purpose.PURPOSE_TRAIN
        prompts = self._queue.take(
            self._model.version,
            self._budget.left,
            self._settings.max_num_seqs - sequences,
            oversize=not sequences,
        )
        self._budget.take(sum(p.prompt.purpose == training for p in prompts), time.monotonic())
        metrics.BUDGET_GROUPS.set(self._budget.left)
        for purpose in PRIORITY:
            metrics.PROMPTS_WAITING.labels(metrics.label(purpose)).set(self._queue.waiting(purpose))
        return {asyncio.create_task(self._answer(p)): p.prompt.samples for p in prompts}

    async def _first_change(self, running: Iterable[asyncio.Task[None]]) -> None:
        """Until an answer is there, or there may be more to begin."""
        self._changed.clear()
        changed = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait([changed, *running], return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()

    def _refill_if_stalled(self) -> None:
        waiting = self._queue.waiting(Purpose.PURPOSE_TRAIN)
        if waiting and self._budget.refill_if_stalled(time.monotonic()):
            metrics.STALLS.inc()
            log.warning("no new version for %g s: going on", self._settings.stall_seconds)

    def _seconds_to_stall(self) -> float | None:
        if not self._queue.waiting(Purpose.PURPOSE_TRAIN):
            return None
        return self._budget.seconds_to_stall(time.monotonic())

    async def _answer(self, waiting: WaitingPrompt) -> None:
        completions = await self._model.generate(
            waiting.prompt_ids,
            waiting.prompt.samples,
            self._settings.max_tokens,
            self._settings.temperature,
        )
        group = RolloutGroup(
            group_id=waiting.group_id,
            prompt=waiting.prompt,
            prompt_token_ids=pack_u32(waiting.prompt_ids),
            completions=completions,
            temperature=self._settings.temperature,
        )
        await asyncio.to_thread(self._send, group)
        self._finish(waiting)
        metrics.count_answers(metrics.label(waiting.prompt.purpose), completions)
