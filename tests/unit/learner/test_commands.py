"""Operators' commands reach the learner's thread, and every one gets an answer."""

import asyncio
import threading

import pytest

from ratchet.learner.commands import Caller, Command, CommandQueue
from ratchet.process.errors import FailedPrecondition, Unavailable


class Owner:
    def __init__(self) -> None:
        self.threads: list[str] = []

    def work(self) -> str:
        self.threads.append(threading.current_thread().name)
        return "done"

    def refuse(self) -> None:
        raise FailedPrecondition("not now")


@pytest.fixture
def commands() -> CommandQueue[Owner]:
    return CommandQueue()


async def ask(commands: CommandQueue[Owner], run) -> object:
    return await commands.ask(Caller("ann"), "test", "", run)


async def test_the_owners_thread_obeys_and_the_caller_gets_the_answer(commands) -> None:
    owner, obeyed = Owner(), []
    asked = asyncio.create_task(ask(commands, Owner.work))
    await asyncio.sleep(0)
    thread = threading.Thread(target=commands.obey, args=(owner, obeyed.append), name="owner")
    thread.start()
    assert await asked == "done"
    thread.join()
    assert owner.threads == ["owner"]
    assert [(c.caller.name, c.action) for c in obeyed] == [("ann", "test")]


async def test_a_fault_is_the_callers_and_is_not_told_as_obeyed(commands) -> None:
    obeyed: list[Command[Owner]] = []
    asked = asyncio.create_task(ask(commands, Owner.refuse))
    await asyncio.sleep(0)
    commands.obey(Owner(), obeyed.append)
    with pytest.raises(FailedPrecondition, match="not now"):
        await asked
    assert obeyed == []


async def test_a_caller_that_has_gone_changes_nothing(commands) -> None:
    owner = Owner()
    asked = asyncio.create_task(ask(commands, Owner.work))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    commands.obey(owner, lambda command: None)
    assert owner.threads == []


async def test_after_the_end_every_caller_is_told(commands) -> None:
    waiting = asyncio.create_task(ask(commands, Owner.work))
    await asyncio.sleep(0)
    commands.close()
    for asked in (waiting, ask(commands, Owner.work)):
        with pytest.raises(Unavailable, match="stopped"):
            await asked
