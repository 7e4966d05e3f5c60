"""The topic `rollouts` to the topic `judgements`, each group exactly once."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from ratchet.judge.rollout_judge import RolloutJudge
from ratchet.stream.connection import MAX_RECORD_BYTES
from ratchet.stream.processor import TransactionalProcessor
from ratchet.stream.record import Record
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.rollout_pb2 import RolloutGroup

Processor = TransactionalProcessor[RolloutGroup, JudgedGroup]

POLL_SECONDS = 0.5


class RolloutWorker:
    """Polls, judges, commits. The blocking Kafka clients live in one thread of their own."""

    def __init__(
        self, judge: RolloutJudge, open_processor: Callable[[], Processor], max_groups: int
    ) -> None:
        self._judge = judge
        self._open_processor = open_processor
        self._max_groups = max_groups

    async def run(self) -> None:
        """Works until cancelled; groups that were polled and not committed are read again.

        Raises OutcomeUnknown where only a new process can go on.
        """
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rollouts")
        processor = await loop.run_in_executor(thread, self._open_processor)
        try:
            while True:
                records = await loop.run_in_executor(
                    thread, processor.poll, POLL_SECONDS, self._max_groups
                )
                if records:
                    judged = await self._judge.judge([record.value for record in records])
                    await loop.run_in_executor(thread, _commit, processor, records, judged)
        except asyncio.CancelledError:
            # A commit that has begun is finished before the clients close.
            await loop.run_in_executor(thread, processor.close)
            raise


def _commit(
    processor: Processor, records: Sequence[Record[RolloutGroup]], judged: Sequence[JudgedGroup]
) -> None:
    """Passes judged groups on; one that its judgements made too large becomes a dead letter."""
    outputs: list[tuple[str, JudgedGroup]] = []
    for record, group in zip(records, judged, strict=True):
        if group.ByteSize() > MAX_RECORD_BYTES:
            processor.reject(record, f"judged, it has more than {MAX_RECORD_BYTES} bytes")
        else:
            outputs.append((group.group.group_id, group))
    processor.commit(outputs)
