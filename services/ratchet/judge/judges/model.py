"""Reward models of others as judges: the heavy part behind `[judges.NAME] kind = "model"`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import grpc
import numpy as np

from ratchet.judge import metrics
from ratchet.judge.judgement import failed
from ratchet.judge.judges.settings import ModelSettings
from ratchet.process.config import ConfigError
from ratchet.reward.classifier import Classifier
from ratchet.reward.packing import TokenGroup
from ratchet.reward.tokens import ConversationTokenizer
from ratchet.v1.judgement_pb2 import Judgement

WARM_UP = TokenGroup((0,) * 8, ((0,) * 8, (0,) * 4))
"""The row and its layout are of lengths that no size of a model equals: torch would take two that
are equal here for the same, and compile again where they are not."""


@dataclass(frozen=True, eq=False)
class ModelVersion:
    """The one version of a reward model, which knows of no standard."""

    number: int = 0
    standard_id: str = ""
    standard_version: int = 0


@dataclass(frozen=True)
class RewardModel:
    """A classifier with its tokenizer, and which of its outputs is the score."""

    classifier: Classifier
    tokenizer: ConversationTokenizer
    output: int

    def score(self, _: ModelVersion, groups: Sequence[TokenGroup]) -> list[np.ndarray]:
        """All outputs [n, L] of every group; blocks."""
        return self.classifier.outputs(groups)

    def judgement(self, _: ModelVersion, outputs_nL: np.ndarray, row: int, field: str) -> Judgement:
        """One answer's outputs; an error where one is no number."""
        outputs = outputs_nL[row].tolist()
        if not all(map(math.isfinite, outputs)):
            reason = f"the model's outputs are {outputs}"
            return failed(grpc.StatusCode.INTERNAL, reason, field)
        return Judgement(score=outputs[self.output], preferred_to_anchor=0.5, outputs=outputs)


def load_reward_model(name: str, settings: ModelSettings) -> RewardModel:
    """Loads and warms up; takes seconds. Raises ConfigError where it is no reward model."""
    try:
        classifier = Classifier.load(
            settings.folder,
            compiled=settings.compiled,
            prefix_tokens=settings.prefix_cache_tokens,
            count=_count,
        )
        tokenizer = ConversationTokenizer(settings.folder)
        if settings.output >= len(classifier.labels):
            raise ValueError(f"output: the model has {len(classifier.labels)} outputs")
        classifier.outputs([WARM_UP])
    except (OSError, ValueError) as error:
        raise ConfigError(f"judges.{name}: {error}") from error
    return RewardModel(classifier, tokenizer, settings.output)


def _count(known: int, computed: int) -> None:
    metrics.PREFIX_TOKENS.labels("hit").inc(known)
    metrics.PREFIX_TOKENS.labels("miss").inc(computed)
