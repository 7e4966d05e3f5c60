import asyncio
from collections.abc import Callable, Sequence
from threading import Event

import pytest

from ratchet.judge.model_thread import ModelThread, at_once
from ratchet.judge.submission import Failed, Scored
from ratchet.reward.packing import TokenGroup

PATIENCE_SECONDS = 30
BATCHES = 6


def group(token: int) -> TokenGroup:
    return TokenGroup((token,), ((token,),))


class Device:
    """Tells what was begun and finished. A batch ends once the next has begun, if it is to."""

    def __init__(self, ends_after_next_began: bool = False, broken: Sequence[str] = ()) -> None:
        self.events: list[str] = []
        self._waits = ends_after_next_began
        self._broken = broken
        self._began = [Event() for _ in range(BATCHES)]

    def begin(self, _: str, groups: Sequence[TokenGroup]) -> Callable[[], list[int]]:
        [token] = (each.prompt_ids[0] for each in groups)
        self._tell("begin", token)
        self._began[token].set()

        def finish() -> list[int]:
            if self._waits and token + 1 < BATCHES:
                assert self._began[token + 1].wait(PATIENCE_SECONDS)
            self._tell("finish", token)
            return [token]

        return finish

    def _tell(self, what: str, token: int) -> None:
        self.events.append(f"{what} {token}")
        if f"{what} {token}" in self._broken:
            raise FloatingPointError(what)


async def outcomes(device: Device, ahead: bool) -> list[Scored[int] | Failed]:
    """Of full batches, one behind the other."""
    thread = ModelThread(max_batch_tokens=2, max_queue_tokens=100)
    queue = thread.queue_before(device.begin, ahead)
    found = await queue.submit("v1", [group(number) for number in range(BATCHES)])
    await thread.close()
    return found


async def test_every_batch_is_begun_before_the_last_has_ended() -> None:
    found = await outcomes(Device(ends_after_next_began=True), ahead=True)
    assert [each.result for each in found if isinstance(each, Scored)] == list(range(BATCHES))


async def test_unless_they_are_to_run_one_after_the_other() -> None:
    device = Device()
    await outcomes(device, ahead=False)
    assert device.events == [f"{what} {n}" for n in range(BATCHES) for what in ("begin", "finish")]


@pytest.mark.parametrize("where", ["begin", "finish"])
@pytest.mark.parametrize("ahead", [False, True])
async def test_what_breaks_a_batch_breaks_no_other(where: str, ahead: bool) -> None:
    found = await outcomes(Device(broken=[f"{where} 1"]), ahead)
    assert found[1] == Failed(f"FloatingPointError: {where}")
    assert [each.result for each in found if isinstance(each, Scored)] == [0, 2, 3, 4, 5]


async def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    started, go_on = Event(), Event()
    begun: list[int] = []

    def score(_: str, groups: Sequence[TokenGroup]) -> list[int]:
        begun.append(groups[0].prompt_ids[0])
        started.set()
        assert go_on.wait(PATIENCE_SECONDS)
        return [0]

    thread = ModelThread(max_batch_tokens=2, max_queue_tokens=100)
    queues = [thread.queue_before(at_once(score)) for _ in range(2)]
    calls = [
        asyncio.create_task(queue.submit("v1", [group(number)]))
        for number, queue in enumerate(queues)
    ]
    await asyncio.to_thread(started.wait, PATIENCE_SECONDS)
    for _ in range(20):  # The other batch is handed over, too.
        await asyncio.sleep(0)
    closing = asyncio.create_task(thread.close())
    for _ in range(20):
        await asyncio.sleep(0)
    go_on.set()
    await closing
    for call in calls:
        call.cancel()
    assert begun == [0]
