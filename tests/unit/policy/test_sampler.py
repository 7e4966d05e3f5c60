"""How waiting prompts become rollouts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ratchet.policy.config import PolicySettings
from ratchet.policy.engine_died import EngineDied
from ratchet.policy.prompt_queue import WaitingPrompt
from ratchet.policy.sampler import Sampler
from ratchet.process.lease import ComputeLease
from ratchet.stream.producer import DeliveryFailed
from ratchet.v1.prompt_pb2 import Prompt, Purpose
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup


class ScriptedModel:
    """Answers at once, or as long as `hold` is set not at all."""

    def __init__(self) -> None:
        self.version = 1
        self.running = self.most_running = 0
        self.hold = False
        self.error: Exception | None = None
        self.called = asyncio.Event()

    async def generate(
        self, prompt_ids: tuple[int, ...], n: int, max_tokens: int, temperature: float
    ) -> list[Completion]:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        self.called.set()
        if self.error is not None:
            raise self.error
        while self.hold:
            await asyncio.sleep(0)
        self.running -= 1
        return [Completion(text=f"{prompt_ids[0]} {i}", token_ids=bytes(4)) for i in range(n)]


async def hold_once(lease: ComputeLease) -> None:
    async with lease.held_async():
        pass


class Bench:
    """A sampler with its model, and what came out of it."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.settings = PolicySettings.model_validate(
            {"registry": folder, "compute_lease": folder / "lease", **settings}
        )
        self.model = ScriptedModel()
        self.sent: list[RolloutGroup] = []
        self.finished: list[int] = []
        self.send_error: Exception | None = None
        self.sampler = Sampler(self.settings, self.model, self._send, self._finish)
        self._progress = asyncio.Event()

    def add(self, offset: int, purpose: Purpose = Purpose.PURPOSE_TRAIN) -> None:
        prompt = Prompt(samples=2, purpose=purpose, policy_version=0)
        self.sampler.add(WaitingPrompt(0, offset, prompt, (offset,)))

    async def until_finished(self, count: int) -> None:
        while len(self.finished) < count:
            self._progress.clear()
            await asyncio.wait_for(self._progress.wait(), 10)

    async def until_running(self, count: int) -> None:
        async with asyncio.timeout(10):
            while self.model.running < count:
                await asyncio.sleep(0)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.sampler.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _send(self, group: RolloutGroup) -> None:
        if self.send_error is not None:
            raise self.send_error
        self.sent.append(group)

    def _finish(self, prompt: WaitingPrompt) -> None:
        assert prompt.group_id in [group.group_id for group in self.sent], "sent first"
        self.finished.append(prompt.offset)
        self._progress.set()


async def test_a_group_holds_its_prompt_and_all_answers(tmp_path: Path) -> None:
    bench = Bench(tmp_path, temperature=0.7)
    bench.add(41)
    async with bench.running():
        await bench.until_finished(1)
    [group] = bench.sent
    assert group.group_id == "p0-41"
    assert [c.text for c in group.completions] == ["41 0", "41 1"]
    assert group.prompt_token_ids == (41).to_bytes(4, "little")
    assert group.temperature == pytest.approx(0.7)


async def test_training_waits_for_a_new_version_and_labels_do_not(tmp_path: Path) -> None:
    bench = Bench(tmp_path, groups_per_version=2)
    for offset in range(4):
        bench.add(offset)
    async with bench.running():
        await bench.until_finished(2)
        bench.add(4, Purpose.PURPOSE_LABEL)
        await bench.until_finished(3)
        assert sorted(bench.finished) == [0, 1, 4]
        bench.sampler.new_version()
        await bench.until_finished(5)
    assert sorted(bench.finished) == [0, 1, 2, 3, 4]


async def test_a_lost_group_does_not_stop_the_loop(tmp_path: Path) -> None:
    bench = Bench(tmp_path, groups_per_version=1, stall_seconds=0.05)
    bench.add(0)
    bench.add(1)
    async with bench.running():
        await bench.until_finished(2)
    assert bench.finished == [0, 1]


async def test_bulk_work_holds_the_lease(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.model.hold = True
    bench.add(0)
    async with bench.running():
        async with ComputeLease(tmp_path / "lease").held_async():
            await asyncio.sleep(0.05)
            assert bench.model.running == 0
        await asyncio.wait_for(bench.model.called.wait(), 10)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), ComputeLease(tmp_path / "lease").held_async():
                pass
        bench.model.hold = False
        await bench.until_finished(1)
        async with asyncio.timeout(10), ComputeLease(tmp_path / "lease").held_async():
            pass


async def test_who_comes_late_joins_those_that_are_being_answered(tmp_path: Path) -> None:
    bench = Bench(tmp_path, max_num_seqs=6)
    bench.model.hold = True
    bench.add(0)
    async with bench.running():
        for offset in (1, 2, 3):  # two answers each: there is room for two more prompts
            await bench.until_running(offset)
            bench.add(offset)
        await bench.until_running(3)
        bench.model.hold = False
        await bench.until_finished(4)
    assert bench.model.most_running == 3


async def test_a_turn_ends_although_more_work_comes(tmp_path: Path) -> None:
    bench = Bench(tmp_path, turn_seconds=1e-9)
    bench.model.hold = True
    bench.add(0)
    async with bench.running():
        await bench.until_running(1)
        bench.add(1)
        other = asyncio.create_task(hold_once(ComputeLease(tmp_path / "lease")))
        bench.model.hold = False
        await asyncio.wait_for(other, 10)
        await bench.until_finished(2)
    assert bench.model.most_running == 1


@pytest.mark.parametrize("error", [EngineDied("gone"), DeliveryFailed("no broker")])
async def test_a_prompt_that_was_not_answered_is_not_finished(
    tmp_path: Path, error: Exception
) -> None:
    bench = Bench(tmp_path)
    if isinstance(error, EngineDied):
        bench.model.error = error
    else:
        bench.send_error = error
    bench.add(0)
    with pytest.raises(type(error)):
        await asyncio.wait_for(bench.sampler.run(), 10)
    assert bench.finished == []
