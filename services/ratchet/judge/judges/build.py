"""Settings to judges."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from ratchet.judge.batching import BatchQueue
from ratchet.judge.config import JudgeSettings
from ratchet.judge.judges.base import Judge
from ratchet.judge.judges.local import LocalJudge, LocalLimits
from ratchet.judge.judges.panel import PanelJudge
from ratchet.judge.judges.program import ProgramJudge
from ratchet.judge.judges.prompted import PromptedJudge
from ratchet.judge.judges.settings import (
    SERVING,
    ModelSettings,
    PanelSettings,
    ProgramSettings,
    PromptedSettings,
    members_first,
)
from ratchet.judge.versions import Versions
from ratchet.reward.packing import TokenGroup

if TYPE_CHECKING:
    import numpy as np

    from ratchet.judge.judges.model import ModelVersion
    from ratchet.judge.model_thread import Finish

    ModelQueue = BatchQueue[ModelVersion, TokenGroup, np.ndarray]
    Begin = Callable[[ModelVersion, Sequence[TokenGroup]], Finish[np.ndarray]]


class JudgeBuilder:
    """Builds the judges of `[judges.NAME]`.

    Args:
        settings: of the judge service.
        learned: the loop's own judge, which panels may name, where there is one.
        queue_before: a queue before a model that runs here, given how the model scores and whether
            it begins batches ahead; the caller sees to it that the queue runs.
        opened: closes what a judge holds open.
    """

    def __init__(
        self,
        settings: JudgeSettings,
        learned: Judge | None,
        queue_before: "Callable[[Begin, bool], ModelQueue]",
        opened: AsyncExitStack,
    ) -> None:
        self._settings = settings
        self._learned = learned
        self._queue_before = queue_before
        self._opened = opened

    async def build(self) -> dict[str, Judge]:
        """All of them and the loop's own. Raises ConfigError where one cannot be."""
        judges: dict[str, Judge] = {SERVING: self._learned} if self._learned else {}
        for name in members_first(self._settings.judges):
            match self._settings.judges[name]:
                case ProgramSettings() as table:
                    program = ProgramJudge(name, table)
                    self._opened.callback(program.close)
                    judges[name] = program
                case PanelSettings() as table:
                    judges[name] = PanelJudge(name, table, judges)
                case PromptedSettings() as table:
                    prompted = PromptedJudge(name, table)
                    self._opened.push_async_callback(prompted.close)
                    judges[name] = prompted
                case ModelSettings() as table:
                    judges[name] = await self._model(name, table)
        return judges

    async def _model(self, name: str, table: ModelSettings) -> Judge:
        # Heavy: only where a model is asked for.
        from ratchet.judge.judges.model import ModelVersion, load_reward_model

        context_tokens = self._settings.context_tokens
        # No batch is larger, but for one answer that is.
        graph_tokens = min(table.cuda_graph_tokens, self._settings.max_batch_tokens)
        table = table.model_copy(update={"cuda_graph_tokens": graph_tokens})
        model = await asyncio.to_thread(load_reward_model, name, table, context_tokens)
        self._opened.callback(model.close)
        versions: Versions[ModelVersion] = Versions(lambda standard_id: False)
        versions.serve(ModelVersion())
        limits = LocalLimits(
            min(context_tokens, model.engine.context_tokens),
            model.engine.vocabulary,
            self._settings.max_batch_tokens,
        )
        return LocalJudge(
            name,
            "model",
            versions,
            self._queue_before(model.begin, model.engine.begins_ahead),
            model.judgement,
            model.tokenizer,
            limits,
            model.engine.labels,
            self._settings.cached_scores,
        )
