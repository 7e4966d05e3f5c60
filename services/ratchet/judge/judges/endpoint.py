"""An OpenAI-compatible endpoint: bounded retries, and errors that never tell the key."""

import asyncio
import math
import os
import time
from typing import Any

import grpc
import httpx

from ratchet.judge.judges.base import ItemFailed
from ratchet.judge.judges.settings import PromptedSettings
from ratchet.process.config import ConfigError

_BUSY = (429, 503)


class Endpoint:
    """Asks for chat completions; every failure is an ItemFailed with the status it stands for."""

    def __init__(self, settings: PromptedSettings) -> None:
        """Raises ConfigError where the variable of the key is not set."""
        self._settings = settings
        headers: dict[str, str] = {}
        if settings.api_key_env is not None:
            key = os.environ.get(settings.api_key_env)
            if not key:
                raise ConfigError(f"api_key_env: {settings.api_key_env} is not set")
            headers["Authorization"] = f"Bearer {key}"
        self._client = httpx.AsyncClient(base_url=settings.base_url, headers=headers)
        self._turns = asyncio.Semaphore(settings.concurrency)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def ask(self, body: dict[str, Any], deadline: float) -> dict[str, Any]:
        """The first choice of one chat completion; `deadline` on `time.monotonic`'s clock."""
        left = deadline - time.monotonic()
        try:
            async with asyncio.timeout(None if math.isinf(left) else left), self._turns:
                return await self._tried({"model": self._settings.model, "temperature": 0, **body})
        except (TimeoutError, httpx.TimeoutException):
            raise _failed(grpc.StatusCode.DEADLINE_EXCEEDED, "no answer in time") from None
        except httpx.HTTPError as error:
            raise _failed(grpc.StatusCode.UNAVAILABLE, type(error).__name__) from None

    async def _tried(self, body: dict[str, Any]) -> dict[str, Any]:
        response = await self._post(body)
        for attempt in range(self._settings.retries):
            if response.status_code not in _BUSY:
                break
            await asyncio.sleep(_pause(response.headers.get("retry-after"), attempt))
            response = await self._post(body)
        if response.status_code != 200:
            busy = response.status_code in _BUSY or response.status_code >= 500
            status = grpc.StatusCode.UNAVAILABLE if busy else grpc.StatusCode.FAILED_PRECONDITION
            raise _failed(status, f"HTTP {response.status_code}")
        try:
            return response.json()["choices"][0]
        except (ValueError, LookupError, TypeError):
            raise _failed(grpc.StatusCode.INTERNAL, "no chat completion in the answer") from None

    async def _post(self, body: dict[str, Any]) -> httpx.Response:
        timeout = self._settings.timeout_seconds
        return await self._client.post("chat/completions", json=body, timeout=timeout)


def _pause(retry_after: str | None, attempt: int) -> float:
    """Seconds; a Retry-After that is a date or absurd is not followed."""
    try:
        asked = float(retry_after or "")
    except ValueError:
        return 0.25 * 2**attempt
    return min(max(asked, 0.0), 10.0) if math.isfinite(asked) else 0.25 * 2**attempt


def _failed(status: grpc.StatusCode, reason: str) -> ItemFailed:
    return ItemFailed(status.value[0], f"endpoint: {reason}")
