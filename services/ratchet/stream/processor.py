"""Consume, process, produce: outputs and consumed offsets in one Kafka transaction."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message
from kafka import OffsetAndMetadata  # pyright: ignore[reportAttributeAccessIssue]

from ratchet.process.config import KafkaSettings
from ratchet.process.errors import RestartRequired
from ratchet.process.failpoint import failpoint
from ratchet.stream.connection import consumer_client, group_options, producer_client
from ratchet.stream.fetch import Fetcher
from ratchet.stream.producer import serialize
from ratchet.stream.record import Record
from ratchet.stream.topics import Topic

I = TypeVar("I", bound=Message)  # noqa: E741
O = TypeVar("O", bound=Message)  # noqa: E741

COMMIT_SECONDS = 15.0
_NOTHING_POLLED = -2  # -1 is the generation of who has not joined


class OutcomeUnknown(RestartRequired):
    """A transaction may or may not have been committed.

    The process must die: its next start fences this one, which aborts or completes the transaction,
    and reads on from the offsets that were really committed.
    """


class TransactionalProcessor(Generic[I, O]):
    """Reads a topic and writes another, each record's effect exactly once; not thread-safe."""

    def __init__(
        self,
        kafka: KafkaSettings,
        source: Topic[I],
        sink: Topic[O],
        service: str,
        group: str,
        transactional_id: str,
    ) -> None:
        """Fences every earlier holder of `transactional_id`; the group is joined by polling.

        The id also names this member of the group, so that a restart takes its predecessor's
        partitions over at once instead of waiting for its session to time out.

        Raises:
            BrokerUnreachable: no broker answers.
            kafka.errors.KafkaError: the transactional id cannot be had.
        """
        transactional_id = kafka.topic_prefix + transactional_id
        self._service = service
        self._sink = sink
        self._sink_name = kafka.topic_prefix + sink.name
        self._producer = producer_client(kafka, service, transactional_id=transactional_id)
        self._producer.init_transactions()
        self._consumer = consumer_client(
            kafka, service, group_instance_id=transactional_id, **group_options(kafka, group)
        )
        self._consumer.subscribe([kafka.topic_prefix + source.name])
        self._fetcher = Fetcher(kafka, [source], service, self._consumer)
        self._polled_in = _NOTHING_POLLED  # or the group's generation then

    def poll(self, timeout_seconds: float, max_records: int | None = None) -> list[Record[I]]:
        """The next records; what does not parse becomes a dead letter and is left out.

        Raises:
            OutcomeUnknown: records not yet committed now belong to another member of the group.
        """
        records = self._fetcher.poll(timeout_seconds, max_records)
        generation = self._consumer.group_metadata().generation_id
        if self._polled_in not in (_NOTHING_POLLED, generation):
            raise OutcomeUnknown("the group was rebalanced while records were in work")
        if records:
            self._polled_in = generation
        return records

    def reject(self, record: Record[I], reason: str) -> None:
        """Puts a record aside as a dead letter."""
        self._fetcher.reject(record, reason)

    def commit(self, outputs: Sequence[tuple[str, O]]) -> None:
        """Writes keys and values, and the offsets of all that was polled, or nothing at all.

        Raises:
            RecordTooLarge: an output is; nothing was begun, leave it out and call again.
            OutcomeUnknown: the transaction failed, or took more than 15 s.
        """
        payloads = [(key.encode(), serialize(self._sink, key, value)) for key, value in outputs]
        metadata = self._consumer.group_metadata()
        if self._polled_in == _NOTHING_POLLED:
            if outputs:
                raise ValueError("outputs without an input: nothing was polled")
            return
        if metadata.generation_id != self._polled_in:
            raise OutcomeUnknown("the group was rebalanced while records were in work")
        offsets = {
            partition: OffsetAndMetadata(self._consumer.position(partition))
            for partition in self._consumer.assignment()
        }
        _bounded(lambda: self._transact(payloads, offsets, metadata))
        self._polled_in = _NOTHING_POLLED

    def close(self) -> None:
        """Disconnects; what was polled and not committed is read again by the next start."""
        self._fetcher.close()
        self._producer.close(timeout=5)

    def _transact(
        self, payloads: Sequence[tuple[bytes, bytes]], offsets: dict[Any, Any], metadata: Any
    ) -> None:
        self._producer.begin_transaction()
        sent = [
            self._producer.send(self._sink_name, key=key, value=value) for key, value in payloads
        ]
        for future in sent:
            future.get()
        failpoint(f"{self._service}-after-produce")
        self._producer.send_offsets_to_transaction(offsets, metadata)
        failpoint(f"{self._service}-after-offsets")
        self._producer.commit_transaction()
        failpoint(f"{self._service}-after-commit")


def _bounded(work: Callable[[], None]) -> None:
    """Runs `work` for at most `COMMIT_SECONDS`: the client itself would wait without a limit."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, name="transaction", daemon=True)
    thread.start()
    thread.join(COMMIT_SECONDS)
    if thread.is_alive():
        raise OutcomeUnknown(f"a transaction was not committed within {COMMIT_SECONDS:g} s")
    if failures:
        raise OutcomeUnknown(f"a transaction failed: {failures[0]}") from failures[0]
