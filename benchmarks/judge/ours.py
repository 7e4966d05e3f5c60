"""Contender: our engine behind its queue, as the server has it."""

import asyncio
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.judge.contender import compete
from benchmarks.judge.workload import Workload
from ratchet.judge.judges.model import ModelVersion, load_reward_model
from ratchet.judge.judges.settings import ModelSettings
from ratchet.judge.model_thread import ModelThread
from ratchet.judge.submission import Scored
from ratchet.reward.classifier import Classifier
from ratchet.reward.packing import TokenGroup

CONTEXT_TOKENS = 2048


def main(folder: Path, batch_tokens: int, prefix_tokens: int | None, one_by_one: bool) -> None:
    """Scores until its input ends; each call begins with an empty prefix cache, as vLLM's does.

    `one_by_one` has a client that sends each answer as a call of its own and waits for it.
    """
    settings = ModelSettings(kind="model", folder=folder)
    if prefix_tokens is not None:
        settings = settings.model_copy(update={"prefix_cache_tokens": prefix_tokens})
    model = load_reward_model("reward", settings, CONTEXT_TOKENS)

    async def score(workload: Workload) -> tuple[float, np.ndarray]:
        groups = workload.groups()
        calls = [[single] for group in groups for single in _singles(group)]
        assert isinstance(model.engine, Classifier)
        model.engine.prefixes.clear()
        thread = ModelThread(batch_tokens, max_queue_tokens=10**9)
        queue = thread.queue_before(model.begin)
        started = time.perf_counter()
        outcomes = [
            outcome
            for call in (calls if one_by_one else [groups])
            for outcome in await queue.submit(ModelVersion(), call)
        ]
        seconds = time.perf_counter() - started
        await thread.close()
        return seconds, np.concatenate([o.result for o in outcomes if isinstance(o, Scored)])

    compete(lambda workload: asyncio.run(score(workload)))


def _singles(group: TokenGroup) -> list[TokenGroup]:
    return [TokenGroup(group.prompt_ids, (ids,)) for ids in group.completion_ids]


if __name__ == "__main__":
    prefix_tokens = int(sys.argv[3]) if sys.argv[3] else None
    main(Path(sys.argv[1]), int(sys.argv[2]), prefix_tokens, sys.argv[4] == "one by one")
