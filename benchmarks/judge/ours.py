"""Contender: our engine behind its queue, as the server has it."""

import asyncio
import sys
import time
from pathlib import Path
from typing import cast

import numpy as np

from benchmarks.judge.contender import compete
from benchmarks.judge.setting import Calls
from benchmarks.judge.workload import Workload
from ratchet.judge.judges.model import ModelVersion, load_reward_model
from ratchet.judge.judges.settings import ModelSettings
from ratchet.judge.model_thread import ModelThread
from ratchet.judge.submission import Scored
from ratchet.reward.classifier import Classifier
from ratchet.reward.packing import TokenGroup

CONTEXT_TOKENS = 2048


def main(folder: Path, batch_tokens: int, prefix_tokens: int | None, calls: Calls) -> None:
    """Scores until its input ends; each run begins with an empty prefix cache, as vLLM's does.

    Unless all go together a client sends each answer as a call of its own and waits for it. Where
    prompts are known they have been asked about twice before the clock starts: at its second sight
    a prompt is kept.
    """
    settings = ModelSettings(kind="model", folder=folder)
    if prefix_tokens is not None:
        settings = settings.model_copy(update={"prefix_cache_tokens": prefix_tokens})
    model = load_reward_model("reward", settings, CONTEXT_TOKENS)

    async def score(workload: Workload) -> tuple[float, np.ndarray]:
        groups = workload.groups()
        singles = [[single] for group in groups for single in _singles(group)]
        firsts = [_singles(group)[:1] for group in groups]
        assert isinstance(model.engine, Classifier)
        model.engine.prefixes.clear()
        thread = ModelThread(batch_tokens, max_queue_tokens=10**9)
        queue = thread.queue_before(model.begin)
        for call in firsts * 2 if calls == "prompts known" else []:
            await queue.submit(ModelVersion(), call)
        started = time.perf_counter()
        outcomes = [
            outcome
            for call in ([groups] if calls == "together" else singles)
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
    main(Path(sys.argv[1]), int(sys.argv[2]), prefix_tokens, cast("Calls", sys.argv[4]))
