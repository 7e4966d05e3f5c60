"""The policy's model in vLLM: the only place of the service with a heavy import."""

import asyncio
import itertools
import multiprocessing
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from vllm import SamplingParams, TokensPrompt
from vllm.config import WeightTransferConfig
from vllm.distributed.weight_transfer.base import WeightTransferUpdateRequest
from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.logprobs import Logprob
from vllm.outputs import CompletionOutput, RequestOutput
from vllm.sampling_params import RequestOutputKind
from vllm.v1.engine.async_llm import AsyncLLM
from vllm.v1.engine.exceptions import EngineDeadError

from ratchet.policy.config import Dtype, PolicySettings
from ratchet.policy.daemon_thread import in_daemon_thread
from ratchet.policy.engine_died import EngineDied
from ratchet.policy.weight_transfer import BACKEND, StagingExtension
from ratchet.process.hardware import fast_bfloat16
from ratchet.process.packed import pack_f32, pack_u32
from ratchet.reward.tokens import ChatTokenizer
from ratchet.v1.rollout_pb2 import Completion, WeightSpan

_GIB = 1 << 30
_SEEDS = 1 << 62
_STAGING_POLL_SECONDS = 0.05


class PolicyModel:
    """One running engine, whose weights are swapped while it answers."""

    def __init__(self, engine: AsyncLLM, folder: Path, version: int) -> None:
        self._engine = engine
        self._tokenizer = ChatTokenizer(folder)
        self._request_ids = map(str, itertools.count())
        self._swapping = asyncio.Lock()
        self.folder = folder
        self.version = version
        self.end_of_turn_id = self._tokenizer.end_of_turn_id

    @classmethod
    async def start(cls, folder: Path, version: int, settings: PolicySettings) -> "PolicyModel":
        """Loads a version's folder and answers one request, so that the next is not slow."""
        arguments = AsyncEngineArgs(
            model=str(folder),
            dtype=_dtype(settings.dtype),
            enforce_eager=True,
            max_model_len=settings.max_model_len,
            max_num_seqs=settings.max_num_seqs + settings.interactive_seqs,
            kv_cache_memory_bytes=int(settings.kv_cache_gib * _GIB),
            # Blocks of 128 tokens, the CPU's default, are longer than most prompts:
            # then the answers to one prompt would not share its keys and values.
            block_size=32,
            enable_prefix_caching=True,
            # The learner wants the distribution that was sampled from.
            logprobs_mode="processed_logprobs",
            weight_transfer_config=WeightTransferConfig(backend=BACKEND),
            worker_extension_cls=f"{StagingExtension.__module__}.{StagingExtension.__qualname__}",
            disable_log_stats=True,
        )
        try:
            engine = await in_daemon_thread(lambda: AsyncLLM.from_engine_args(arguments))
        except asyncio.CancelledError:
            # A stop while the engine loads: it would be waited for at the exit.
            for child in multiprocessing.active_children():
                child.kill()
            raise
        model = cls(engine, folder, version)
        await model._engine.update_weight_version(str(version))
        await model.generate(model.prompt_ids([("user", "Hello")]), 2, 2, 1.0)
        return model

    @property
    def alive(self) -> bool:
        """False once the engine's process has died: then only a new process helps."""
        return not self._engine.errored

    def prompt_ids(self, messages: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        """Ids of (role, content) pairs as the chat template renders them."""
        return self._tokenizer.prompt_ids(messages)

    async def generate(
        self,
        prompt_ids: Sequence[int],
        n: int,
        max_tokens: int,
        temperature: float,
        seed: int | None = None,
    ) -> list[Completion]:
        """Samples n answers to one prompt; cancelling the call frees their place.

        Returns:
            The answers, in order, each token with its log-probability in nats at
            `temperature` and with the version of the weights that sampled it.

        Raises:
            EngineDied: The engine's process is gone.
        """
        sampling = SamplingParams(
            n=n,
            max_tokens=max_tokens,
            temperature=temperature,
            # One seed is counted up per answer, and must then still fit 64 bits.
            seed=None if seed is None else seed % _SEEDS,
            logprobs=0,
            output_kind=RequestOutputKind.FINAL_ONLY,
        )
        final: RequestOutput | None = None
        try:
            async for output in self._engine.generate(
                TokensPrompt(prompt_token_ids=list(prompt_ids)), sampling, next(self._request_ids)
            ):
                final = output
        except EngineDeadError as error:
            raise EngineDied("the engine's process has died") from error
        assert final is not None, "vLLM ends every request with its final output"
        return [_completion(output) for output in final.outputs]

    async def swap(self, folder: Path, version: int) -> float:
        """Changes to the weights of another version, under the requests that are running.

        They are paused, not dropped: their keys and values are computed anew by the new
        weights, and they go on. The folder must have been verified against the one being
        served, for vLLM accepts a missing tensor silently.

        Returns:
            Seconds for which sampling was paused.

        Raises:
            EngineDied: The engine failed between the two versions and must not be used.
        """
        async with self._swapping:
            try:
                await self._stage(folder)
                started = time.monotonic()
                await self._engine.pause_generation(mode="keep", clear_cache=True)
                await self._engine.start_weight_update()
                await self._engine.update_weights(
                    WeightTransferUpdateRequest(update_info={"folder": str(folder)})
                )
                await self._engine.finish_weight_update(str(version))
                await self._engine.resume_generation()
            except Exception as error:
                raise EngineDied(f"swapping to version {version} failed: {error}") from error
            self.folder, self.version = folder, version
            return time.monotonic() - started

    def close(self) -> None:
        """Ends the engine's process."""
        self._engine.shutdown()

    async def _stage(self, folder: Path) -> None:
        await self._engine.collective_rpc("stage_weights", args=(str(folder),))
        while not all(await self._engine.collective_rpc("weights_staged", args=(str(folder),))):
            await asyncio.sleep(_STAGING_POLL_SECONDS)


def _dtype(setting: Dtype) -> Dtype:
    if setting != "auto":
        return setting
    return "bfloat16" if fast_bfloat16() else "float32"


def _completion(output: CompletionOutput) -> Completion:
    assert output.logprobs is not None, "asked for with logprobs=0"
    token_ids = list(output.token_ids)
    at_positions = cast("list[dict[int, Logprob]]", output.logprobs)
    return Completion(
        text=output.text,
        token_ids=pack_u32(token_ids),
        log_probabilities=pack_f32(
            [
                at_position[token_id].logprob
                for token_id, at_position in zip(token_ids, at_positions, strict=True)
            ]
        ),
        weight_spans=[
            WeightSpan(policy_version=int(span.version), start=span.start, end=span.end)
            for span in output.weight_versions or []
        ],
        finish_reason=output.finish_reason,
    )
