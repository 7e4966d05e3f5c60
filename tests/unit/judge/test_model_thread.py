import asyncio
from collections.abc import Callable, Sequence
from threading import Event

import pytest

from ratchet.judge.model_thread import ModelThread
from ratchet.judge.submission import Failed, Scored
from ratchet.reward.packing import TokenGroup

PATIENCE_SECONDS = 30


def group(token: int) -> TokenGroup:
    return TokenGroup((token,), ((token,),))


class Device:
    """Tells what was begun and finished, in which order; the first batch ends when it may."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.first_may_begin = Event()
        self.broken: set[str] = set()

    def begin(self, _: str, groups: Sequence[TokenGroup]) -> Callable[[], list[int]]:
        [token] = (each.prompt_ids[0] for each in groups)
        self._tell("begin", token)
        if token == 0:
            assert self.first_may_begin.wait(PATIENCE_SECONDS)

        def finish() -> list[int]:
            self._tell("finish", token)
            return [token]

        return finish

    def _tell(self, what: str, token: int) -> None:
        self.events.append(f"{what} {token}")
        if f"{what} {token}" in self.broken:
            raise FloatingPointError(what)


async def outcomes(device: Device, ahead: bool) -> list[Scored[int] | Failed]:
    """Of three batches that are all there before the first has begun."""
    thread = ModelThread(max_batch_tokens=2, max_queue_tokens=100, ahead=ahead)
    queues = [thread.queue_before(device.begin) for _ in range(3)]
    calls = [
        asyncio.create_task(queue.submit("v1", [group(number)]))
        for number, queue in enumerate(queues)
    ]
    while not device.events:
        await asyncio.sleep(0)
    for _ in range(20):  # The other two are handed over.
        await asyncio.sleep(0)
    device.first_may_begin.set()
    found = [(await call)[0] for call in calls]
    await thread.close()
    return found


async def test_a_batch_is_begun_before_the_last_is_waited_for() -> None:
    device = Device()
    found = await outcomes(device, ahead=True)
    assert [each.result for each in found if isinstance(each, Scored)] == [0, 1, 2]
    wanted = ["begin 0", "begin 1", "finish 0", "begin 2", "finish 1", "finish 2"]
    assert device.events == wanted


async def test_unless_it_is_to_run_one_after_the_other() -> None:
    device = Device()
    await outcomes(device, ahead=False)
    assert device.events == [f"{what} {n}" for n in range(3) for what in ("begin", "finish")]


@pytest.mark.parametrize("where", ["begin", "finish"])
@pytest.mark.parametrize("ahead", [False, True])
async def test_what_breaks_a_batch_breaks_no_other(where: str, ahead: bool) -> None:
    device = Device()
    device.broken.add(f"{where} 1")
    first, second, third = await outcomes(device, ahead)
    assert isinstance(second, Failed)
    assert second.reason == f"FloatingPointError: {where}"
    assert isinstance(first, Scored)
    assert isinstance(third, Scored)
