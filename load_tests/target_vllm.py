"""vLLM's HTTP server with a pooling model, so that peers are measured by the same tool."""

import asyncio
import json
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

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
    """HTTP/1.1 connections that are kept, as many as calls are in flight."""

    def __init__(self, settings: VllmSettings) -> None:
        self._settings = settings
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        headers = {"content-type": "application/json"}
        if settings.api_key:
            headers["authorization"] = f"Bearer {settings.api_key}"
        # The deadline is one for the whole call; httpx has one for each of its parts.
        self._client = httpx.AsyncClient(
            base_url=settings.base_url, headers=headers, limits=limits, timeout=None
        )

    async def __aenter__(self) -> Self:
        """Waits until the server is healthy. Raises NotReady where it does not get so."""
        last = "no answer"
        try:
            async with asyncio.timeout(self._settings.ready):
                while True:
                    try:
                        answer = await self._client.get("/health")
                        if answer.is_success:
                            return self
                        last = f"/health answers {answer.status_code}"
                    except httpx.TransportError as error:
                        last = str(error)
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            await self._client.aclose()
            raise NotReady(f"target {self._settings.base_url}: {last}") from None

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes the connections."""
        await self._client.aclose()

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
            async with asyncio.timeout(self._settings.deadline):
                answer = await self._client.post(self._settings.path, content=request)
        except TimeoutError:
            return "DEADLINE_EXCEEDED"
        except httpx.TransportError:
            return "UNAVAILABLE"
        return OK if answer.is_success else f"HTTP_{answer.status_code}"
