"""Running things that belong together: when one ends, all do."""

import asyncio
from collections.abc import Awaitable
from typing import Any


async def first_to_end(*awaitables: Awaitable[Any]) -> None:
    """Runs all until the first ends, cancels and awaits the others.

    Raises:
        Exception: What the first to end has raised, if it did.
    """
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
