"""Our engine behind its queue, without a server."""

import asyncio
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.judge.workload import Workload
from ratchet.judge.judges.model import ModelVersion
from ratchet.judge.model_thread import ModelThread
from ratchet.judge.submission import Failed, Outcome
from ratchet.reward.classifier import Classifier
from ratchet.reward.packing import TokenGroup


class Engine:
    """Scores in batches of at most so many tokens."""

    def __init__(self, classifier: Classifier, batch_tokens: int) -> None:
        self._classifier = classifier
        self._batch_tokens = batch_tokens

    def seconds(self, work: Workload) -> float:
        """What a workload takes."""
        groups = work.groups()
        started = time.perf_counter()
        self.outputs(groups)
        return time.perf_counter() - started

    def outputs(self, groups: Sequence[TokenGroup]) -> np.ndarray:
        """Outputs [n, L] of all completions."""
        return asyncio.run(self._outputs(groups))

    async def _outputs(self, groups: Sequence[TokenGroup]) -> np.ndarray:
        thread = ModelThread(self._batch_tokens, max_queue_tokens=10**9)
        queue = thread.queue_before(
            lambda _, batch: self._classifier.begin(batch), self._classifier.begins_ahead
        )
        outcomes = await queue.submit(ModelVersion(), groups)
        await thread.close()
        return np.concatenate([_result(outcome) for outcome in outcomes])


def _result(outcome: Outcome[np.ndarray]) -> np.ndarray:
    if isinstance(outcome, Failed):
        raise RuntimeError(outcome.reason)
    return outcome.result
