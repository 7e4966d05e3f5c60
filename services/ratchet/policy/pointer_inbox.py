"""The newest version that is to be served, handed from the watcher's thread to the loop."""

import asyncio

from ratchet.v1.weights_pb2 import Manifest, Pointer


class PointerInbox:
    """Holds one pointer: a newer one takes the place of one that nobody has taken yet."""

    def __init__(self) -> None:
        """Must be made inside the loop that takes from it."""
        self._loop = asyncio.get_running_loop()
        self._newest: tuple[Pointer, Manifest] | None = None
        self._arrived = asyncio.Event()

    def put(self, pointer: Pointer, manifest: Manifest) -> None:
        """Hands over a pointer, from any thread."""
        self._loop.call_soon_threadsafe(self._put, pointer, manifest)

    async def take(self) -> tuple[Pointer, Manifest]:
        """Waits for the next pointer."""
        await self._arrived.wait()
        self._arrived.clear()
        assert self._newest is not None, "the event is set after the pointer"
        return self._newest

    def _put(self, pointer: Pointer, manifest: Manifest) -> None:
        self._newest = pointer, manifest
        self._arrived.set()
