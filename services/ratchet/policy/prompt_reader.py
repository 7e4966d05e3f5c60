"""Reads a topic of prompts in a thread of its own and commits what is answered."""

import threading
from collections import defaultdict
from collections.abc import Callable

from ratchet.policy.offset_watermark import OffsetWatermark
from ratchet.policy.prompt_queue import WaitingPrompt
from ratchet.process.config import KafkaSettings
from ratchet.process.errors import InvalidField
from ratchet.stream.group_reader import GroupReader
from ratchet.stream.record import Record
from ratchet.stream.topics import Topic
from ratchet.v1.prompt_pb2 import Prompt

_POLL_SECONDS = 0.5


class PromptReader:
    """Hands over each prompt once; its offset is committed when all before it are finished.

    Kafka's consumer blocks and belongs to one thread, so it lives in one; `finish` may be
    called from any.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        topic: Topic[Prompt],
        group: str,
        prompts_ahead: int,
        admit: Callable[[Record[Prompt]], WaitingPrompt],
        on_prompt: Callable[[WaitingPrompt], object],
        on_failure: Callable[[Exception], object],
    ) -> None:
        """Takes callbacks, all called from the reading thread.

        Args:
            kafka: Where to read.
            topic: What to read.
            group: The consumer group that keeps the offsets.
            prompts_ahead: Prompts handed over and not finished, at most.
            admit: Raises InvalidField for a prompt that becomes a dead letter.
            on_prompt: Gets every prompt that was admitted.
            on_failure: Gets what ended the thread, if something did.
        """
        self._kafka, self._topic, self._group = kafka, topic, group
        self._prompts_ahead = prompts_ahead
        self._admit = admit
        self._on_prompt = on_prompt
        self._on_failure = on_failure
        self._lock = threading.Lock()
        self._watermarks: defaultdict[int, OffsetWatermark] = defaultdict(OffsetWatermark)
        self._committed: dict[int, int] = {}
        self._unfinished = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=topic.name, daemon=True)

    def start(self) -> None:
        """Starts to read."""
        self._thread.start()

    def finish(self, prompt: WaitingPrompt) -> None:
        """Says that a prompt's rollouts are safe in Kafka."""
        self._finish(prompt.partition, prompt.offset)

    def close(self) -> None:
        """Commits what is finished and leaves the group."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            reader = GroupReader(self._kafka, self._topic, self._group, service="policy")
            try:
                while not self._closing.is_set():
                    self._read(reader)
                    self._commit(reader)
                self._commit(reader)
            finally:
                reader.close()
        except Exception as error:
            self._on_failure(error)

    def _read(self, reader: GroupReader[Prompt]) -> None:
        room = self._prompts_ahead - self._unfinished
        if room <= 0:
            self._closing.wait(_POLL_SECONDS)
            return
        for record in reader.poll(_POLL_SECONDS, max_records=room):
            with self._lock:
                if not self._watermarks[record.partition].start(record.offset):
                    continue  # it comes again after a rebalance
                self._unfinished += 1
            try:
                prompt = self._admit(record)
            except InvalidField as fault:
                reader.reject(record, str(fault))
                self._finish(record.partition, record.offset)
            else:
                self._on_prompt(prompt)

    def _finish(self, partition: int, offset: int) -> None:
        with self._lock:
            self._watermarks[partition].finish(offset)
            self._unfinished -= 1

    def _commit(self, reader: GroupReader[Prompt]) -> None:
        with self._lock:
            offsets = {p: mark.next_offset for p, mark in self._watermarks.items()}
        for partition, next_offset in offsets.items():
            new = self._committed.get(partition, 0) < next_offset
            if new and reader.commit(partition, next_offset):
                self._committed[partition] = next_offset
