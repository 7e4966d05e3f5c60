"""vLLM's HTTP server with a pooling model, so that peers are measured by the same tool."""

import asyncio
import json
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp

from load_tests.content import Content
from load_tests.tally import OK
from load_tests.target import NotReady

LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class VllmSettings:
    """A server, and which of its endpoints is asked."""

    base_url: str
    content: Content
    path: str = "/classify"
    """Or /pooling."""
    model: str = ""
    """As the server names it; empty: the one that it serves."""
    deadline: float = 5.0
    """Seconds of a call."""
    api_key: str = ""
    ready: float = 10.0
    """Seconds that the server has to become healthy."""

    def open(self) -> "VllmTarget":
        """A pool of connections of its own."""
        return VllmTarget(self)


class VllmTarget:
    """HTTP/1.1 connections that are kept, as many as calls are in flight.

    By aiohttp: httpx looks through all its connections at every call and, with hundreds of calls in
    flight, adds seconds of its own.
    """

    def __init__(self, settings: VllmSettings) -> None:
        self._settings = settings
        self._url = settings.base_url.rstrip("/")

    async def __aenter__(self) -> Self:
        """Waits until the server is healthy. Raises NotReady where it does not get so."""
        headers = {"content-type": "application/json"}
        if self._settings.api_key:
            headers["authorization"] = f"Bearer {self._settings.api_key}"
        self._session = aiohttp.ClientSession(
            headers=headers,
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=self._settings.deadline),
        )
        last = "no answer"
        try:
            async with asyncio.timeout(self._settings.ready):
                while (last := await self._health()) != OK:
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            await self._session.close()
            raise NotReady(f"target {self._url}: {last}") from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes the connections."""
        await self._session.close()

    def prepare(self, number: int) -> bytes:
        """The body: a list of token ids for each completion, its prompt before it."""
        prompt, completions = self._settings.content.ids(number)
        body: dict[str, object] = {"input": [prompt + completion for completion in completions]}
        if self._settings.model:
            body["model"] = self._settings.model
        return json.dumps(body).encode()

    async def send(self, request: bytes) -> str:
        """OK, HTTP_429 and the like, DEADLINE_EXCEEDED, or UNAVAILABLE for a broken connection."""
        try:
            async with self._session.post(self._url + self._settings.path, data=request) as answer:
                await answer.read()
        except TimeoutError:
            return "DEADLINE_EXCEEDED"
        except aiohttp.ClientError:
            return "UNAVAILABLE"
        return OK if answer.ok else f"HTTP_{answer.status}"

    async def _health(self) -> str:
        """OK, or what is wrong."""
        try:
            async with self._session.get(self._url + "/health") as answer:
                return OK if answer.ok else f"/health answers {answer.status}"
        except TimeoutError:
            return "/health does not answer"
        except aiohttp.ClientError as error:
            return str(error)
