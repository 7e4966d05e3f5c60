"""Reward models of others as judges: the heavy part behind `[judges.NAME] kind = "model"`."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import grpc
import numpy as np

from ratchet.judge.engines.engine_process import EngineDied, EngineFailed
from ratchet.judge.engines.loading import engine_in_process, load_torch
from ratchet.judge.engines.output_engine import PipelinedEngine
from ratchet.judge.judgement import failed
from ratchet.judge.judges.settings import ModelSettings
from ratchet.process.config import ConfigError
from ratchet.reward.packing import WARM_UP, TokenGroup
from ratchet.reward.tokens import ConversationTokenizer
from ratchet.v1.judgement_pb2 import Judgement


@dataclass(frozen=True, eq=False)
class ModelVersion:
    """The one version of a reward model, which knows of no standard."""

    number: int = 0
    standard_id: str = ""
    standard_version: int = 0


@dataclass(frozen=True)
class RewardModel:
    """A model in its engine, with its tokenizer, and which of its outputs is the score."""

    engine: PipelinedEngine
    tokenizer: ConversationTokenizer
    output: int
    close: Callable[[], None] = lambda: None
    """Ends the engine's process, where it has one."""

    def begin(
        self, _: ModelVersion, groups: Sequence[TokenGroup]
    ) -> Callable[[], list[np.ndarray]]:
        """Starts a pass; what it returns gives all outputs [n, L] of every group, and blocks."""
        return self.engine.begin(groups)

    def judgement(self, _: ModelVersion, outputs_nL: np.ndarray, row: int, field: str) -> Judgement:
        """One answer's outputs; an error where one is no number."""
        outputs = outputs_nL[row].tolist()
        if not all(map(math.isfinite, outputs)):
            reason = f"the model's outputs are {outputs}"
            return failed(grpc.StatusCode.INTERNAL, reason, field)
        return Judgement(score=outputs[self.output], preferred_to_anchor=0.5, outputs=outputs)


def load_reward_model(name: str, settings: ModelSettings, context_tokens: int) -> RewardModel:
    """Loads and warms up; takes seconds, or minutes where layers are compiled.

    No sequence will be longer than `context_tokens`.

    Raises:
        ConfigError: it is no reward model, or the engine does not take it.
    """
    try:
        tokenizer = ConversationTokenizer(settings.folder)
        if settings.engine == "torch":
            model = RewardModel(load_torch(settings, context_tokens), tokenizer, settings.output)
        else:
            engine = engine_in_process(settings.engine, settings, context_tokens)
            model = RewardModel(engine, tokenizer, settings.output, engine.close)
        _prove(model)
    except (EngineFailed, EngineDied) as error:
        raise ConfigError(f"judges.{name}.engine: {settings.engine}: {error}") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"judges.{name}: {error}") from error
    return model


def _prove(model: RewardModel) -> None:
    """Has it score once, which also warms it up. Raises ValueError where it has no such output."""
    try:
        if model.output >= len(model.engine.labels):
            raise ValueError(f"output: the model has {len(model.engine.labels)} outputs")
        model.engine.outputs([WARM_UP])
    except BaseException:
        model.close()
        raise
