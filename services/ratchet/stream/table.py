"""A topic as a table that is kept up to date in the background."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from google.protobuf.message import Message

from ratchet.process.config import KafkaSettings
from ratchet.stream.reader import Reader
from ratchet.stream.record import Record
from ratchet.stream.topics import Topic

M = TypeVar("M", bound=Message)

POLL_SECONDS = 0.5
RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)


class Table(Generic[M]):
    """Hands every record of a topic, from the beginning, to `on_record` in a thread of its own.

    A record that `on_record` raises on becomes a dead letter, and the table goes on. Where that
    letter cannot be written, or the topic not be read, it tries again until it can.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        topic: Topic[M],
        service: str,
        on_record: Callable[[Record[M]], None],
    ) -> None:
        """Connects; raises BrokerUnreachable, or LookupError where there is no such topic."""
        self._topic = topic
        self._on_record = on_record
        self._reader = Reader(kafka, [topic], service, start=None)
        self._caught_up = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"table-{topic.name}", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def wait_caught_up(self, timeout_seconds: float = 30) -> None:
        """Waits until the records that were there at the start have been handed over.

        Raises:
            TimeoutError: they have not, in time.
        """
        if not self._caught_up.wait(timeout_seconds):
            raise TimeoutError(f"topic {self._topic.name} was not read in {timeout_seconds:g} s")

    def close(self) -> None:
        """Stops the thread and disconnects."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._reader.close()

    def _run(self) -> None:
        waiting: deque[Record[M]] = deque()
        while not self._stop.is_set():
            try:
                if not waiting:
                    waiting.extend(self._reader.poll(timeout_seconds=POLL_SECONDS))
                while waiting:
                    self._hand_over(waiting[0])
                    waiting.popleft()
                if not self._caught_up.is_set() and self._reader.caught_up():
                    self._caught_up.set()
            except Exception:  # no record may be left out, and nobody would miss this thread
                log.exception("topic %s cannot be read now", self._topic.name)
                self._stop.wait(RETRY_SECONDS)

    def _hand_over(self, record: Record[M]) -> None:
        try:
            self._on_record(record)
        except Exception as error:
            log.exception("%s/%d cannot be used", record.topic, record.offset)
            self._reader.reject(record, f"{type(error).__name__}: {error}")
