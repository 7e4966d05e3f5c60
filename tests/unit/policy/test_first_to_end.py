"""Things that run together end together."""

import asyncio

import pytest

from ratchet.policy.first_to_end import first_to_end


async def for_ever(cancelled: asyncio.Event) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        cancelled.set()


async def test_a_failure_ends_the_others_and_is_raised() -> None:
    cancelled = asyncio.Event()

    async def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await first_to_end(for_ever(cancelled), fail())
    assert cancelled.is_set()


async def test_an_end_ends_the_others() -> None:
    cancelled = asyncio.Event()
    await first_to_end(for_ever(cancelled), asyncio.sleep(0))
    assert cancelled.is_set()


async def test_cancelling_it_ends_all() -> None:
    cancelled = asyncio.Event()
    task = asyncio.create_task(first_to_end(for_ever(cancelled)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled.is_set()
