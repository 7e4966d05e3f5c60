"""Turns waiting prompts into rollouts, in batches that fill the engine."""

import asyncio
import logging
import time
from collections.abc import Callable
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
            batch = await self._next_batch()
            async with self._lease.held_async():
                metrics.LEASE_WAIT_SECONDS.set(self._lease.waited_seconds)
                await self._answer_all(batch)

    async def _next_batch(self) -> list[WaitingPrompt]:
        while True:
            self._changed.clear()
            batch = self._take_batch(time.monotonic())
            if batch:
                return batch
            try:
                await asyncio.wait_for(self._changed.wait(), self._seconds_to_stall())
            except TimeoutError:
                continue

    def _take_batch(self, now: float) -> list[WaitingPrompt]:
        training = Purpose.PURPOSE_TRAIN
        if self._queue.waiting(training) and self._budget.refill_if_stalled(now):
            metrics.STALLS.inc()
            log.warning("no new version for %g s: going on", self._settings.stall_seconds)
        batch = self._queue.take_batch(
            self._model.version, self._budget.left, self._settings.max_num_seqs
        )
        self._budget.take(sum(p.prompt.purpose == training for p in batch), now)
        metrics.BUDGET_GROUPS.set(self._budget.left)
        for purpose in PRIORITY:
            metrics.PROMPTS_WAITING.labels(metrics.label(purpose)).set(self._queue.waiting(purpose))
        return batch

    def _seconds_to_stall(self) -> float | None:
        if not self._queue.waiting(Purpose.PURPOSE_TRAIN):
            return None
        return self._budget.seconds_to_stall(time.monotonic())

    async def _answer_all(self, batch: list[WaitingPrompt]) -> None:
        started = time.monotonic()
        try:
            async with asyncio.TaskGroup() as tasks:
                for prompt in batch:
                    tasks.create_task(self._answer(prompt))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        metrics.BATCH_SECONDS.observe(time.monotonic() - started)

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
