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


def main(folder: Path, batch_tokens: int) -> None:
    """Scores until its input ends; each call begins with an empty prefix cache, as vLLM's does."""
    model = load_reward_model("reward", ModelSettings(kind="model", folder=folder), 2048)

    async def score(workload: Workload) -> tuple[float, np.ndarray]:
        groups = workload.groups()
        assert isinstance(model.engine, Classifier)
        model.engine.prefixes.clear()
        thread = ModelThread(batch_tokens, max_queue_tokens=10**9)
        queue = thread.queue_before(model.score)
        started = time.perf_counter()
        outcomes = await queue.submit(ModelVersion(), groups)
        seconds = time.perf_counter() - started
        await thread.close()
        return seconds, np.concatenate([o.result for o in outcomes if isinstance(o, Scored)])

    compete(lambda workload: asyncio.run(score(workload)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
