"""A service for the tests of `entry`: it says that it runs, and fails where told to."""

import asyncio

from ratchet.process.config import ConfigError, Settings
from ratchet.process.errors import RestartRequired


class EchoSettings(Settings):
    """Settings of the echo service."""

    failure: str = ""
    """what goes wrong"""
    depth: int
    """how deep"""


async def serve(settings: EchoSettings, stop: asyncio.Event) -> None:
    if settings.failure == "restart":
        raise RestartRequired("fenced")
    if settings.failure == "config":
        raise ConfigError("port: taken")
    if settings.failure:
        raise RuntimeError(settings.failure)
    print("running", flush=True)
    await stop.wait()
    print("drained", flush=True)
