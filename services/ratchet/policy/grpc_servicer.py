"""Answers PolicyService.Generate, beside the bulk work and without waiting for its turn."""

import time
from collections.abc import Sequence
from typing import Any, Protocol

from ratchet.policy import metrics
from ratchet.policy.config import PolicySettings
from ratchet.policy.engine_died import EngineDied
from ratchet.policy.validation import check_request, render_prompt
from ratchet.process.errors import Overloaded, Unavailable
from ratchet.v1.policy_service_pb2 import GenerateRequest, GenerateResponse
from ratchet.v1.policy_service_pb2_grpc import PolicyServiceServicer
from ratchet.v1.rollout_pb2 import Completion

_RETRY_SECONDS = 1.0


class Model(Protocol):
    """What the servicer needs of `model.PolicyModel`."""

    def prompt_ids(self, messages: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        """Renders a conversation."""
        ...

    async def generate(
        self,
        prompt_ids: tuple[int, ...],
        n: int,
        max_tokens: int,
        temperature: float,
        seed: int | None,
    ) -> list[Completion]:
        """Samples n answers to one prompt."""
        ...


class PolicyServicer(PolicyServiceServicer):
    """UNAVAILABLE until `model` is set."""

    def __init__(self, settings: PolicySettings) -> None:
        self._settings = settings
        self._calls = 0
        self.model: Model | None = None

    async def Generate(self, request: GenerateRequest, context: Any) -> GenerateResponse:
        """Samples n answers; a caller that goes away frees their place in the engine."""
        settings = self._settings
        check_request(request, settings.max_model_len)
        if self.model is None:
            raise Unavailable("the model is being loaded")
        if self._calls >= settings.max_waiting_calls:
            raise Overloaded(_RETRY_SECONDS)
        max_tokens = request.max_tokens or settings.max_tokens
        prompt_ids = render_prompt(
            request.messages, self.model.prompt_ids, max_tokens, settings.max_model_len
        )
        started = time.monotonic()
        self._calls += 1
        try:
            completions = await self.model.generate(
                prompt_ids,
                request.n,
                max_tokens,
                request.temperature if request.HasField("temperature") else settings.temperature,
                request.seed if request.HasField("seed") else None,
            )
        except EngineDied as error:
            raise Unavailable("the engine has died and is being started again") from error
        finally:
            self._calls -= 1
        metrics.CALL_SECONDS.observe(time.monotonic() - started)
        metrics.count_answers(metrics.INTERACTIVE, completions)
        return GenerateResponse(
            completions=completions,
            policy_version=max(c.weight_spans[-1].policy_version for c in completions),
        )
