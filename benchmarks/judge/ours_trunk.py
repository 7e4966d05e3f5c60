"""Contender: the loop's own judge behind its queue, as the server has it."""

import asyncio
import sys
import time
from pathlib import Path

import numpy as np
from transformers import AutoConfig

from benchmarks.judge.contender import compete
from benchmarks.judge.mean_heads import mean_heads
from benchmarks.judge.workload import LONGEST, Workload
from ratchet.judge.model import load_model
from ratchet.judge.model_thread import ModelThread, at_once
from ratchet.judge.submission import Scored
from ratchet.judge.versions import JudgeVersion


def main(folder: Path, batch_tokens: int) -> None:
    """Scores until its input ends."""
    engine = load_model(folder, context_tokens=LONGEST).engine
    hidden_size: int = AutoConfig.from_pretrained(folder).hidden_size
    version = JudgeVersion(1, mean_heads(folder, hidden_size))

    async def score(workload: Workload) -> tuple[float, np.ndarray]:
        groups = workload.groups()
        thread = ModelThread(batch_tokens, max_queue_tokens=10**9)
        queue = thread.queue_before(at_once(engine.score))
        started = time.perf_counter()
        outcomes = await queue.submit(version, groups)
        seconds = time.perf_counter() - started
        await thread.close()
        found = [o.result.broken_nC for o in outcomes if isinstance(o, Scored)]
        return seconds, np.concatenate(found)

    compete(lambda workload: asyncio.run(score(workload)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
