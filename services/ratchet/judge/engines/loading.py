"""A reward model's settings to its engine."""

import importlib.util
import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ratchet.judge import metrics
from ratchet.judge.engines.engine_process import EngineFailed, EngineProcess
from ratchet.judge.engines.output_engine import OutputEngine
from ratchet.judge.judges.settings import EngineName, ModelSettings
from ratchet.process.torch_environment import torch_environment
from ratchet.process.vllm_environment import vllm_environment

if TYPE_CHECKING:
    from ratchet.reward.classifier import Classifier


def engine_in_process(
    engine: EngineName, settings: ModelSettings, context_tokens: int
) -> EngineProcess:
    """Loads a model into an engine in a process of its own; takes seconds, or minutes.

    Raises:
        EngineFailed: the engine is not installed, or does not take the model.
        EngineDied: its process ended over it.
    """
    if engine == "vllm" and importlib.util.find_spec("vllm") is None:
        raise EngineFailed("vLLM is not installed: install the extra ratchet[cpu] or ratchet[gpu]")
    load: Callable[[], OutputEngine] = partial(LOADERS[engine], settings, context_tokens)
    return EngineProcess(load, _environment(engine))


def load_torch(settings: ModelSettings, _: int) -> "Classifier":
    """Our own, in this process."""
    from ratchet.reward.classifier import Classifier

    return Classifier.load(
        settings.folder,
        compiled=settings.compiled,
        prefix_tokens=settings.prefix_cache_tokens,
        graph_tokens=settings.cuda_graph_tokens,
        count=_count,
    )


def load_vllm(settings: ModelSettings, context_tokens: int) -> OutputEngine:
    """vLLM's, in this process, which must have vLLM's environment."""
    from ratchet.reward.decoder_head import check_decoder_with_head

    # vLLM leaves a missing head as it was allocated, and importing vLLM takes a while.
    check_decoder_with_head(settings.folder)

    from ratchet.judge.engines.vllm_classifier import VllmClassifier

    return VllmClassifier(settings.folder, context_tokens, settings.compiled, settings.kv_cache_gib)


LOADERS: dict[EngineName, Callable[[ModelSettings, int], OutputEngine]] = {
    "torch": load_torch,
    "vllm": load_vllm,
}


def _count(known: int, computed: int) -> None:
    metrics.PREFIX_TOKENS.labels("hit").inc(known)
    metrics.PREFIX_TOKENS.labels("miss").inc(computed)


def _environment(engine: EngineName) -> dict[str, str]:
    if engine == "torch":
        return {**os.environ, **torch_environment()}
    # Of the judge's own environment: vLLM's threads are told by another variable when to sleep.
    inherited = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    # Its process is ended by a signal, which a process behind it would not notice.
    own = {"VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
    return {**inherited, **vllm_environment(inherited, own)}
