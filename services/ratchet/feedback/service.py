"""Feedback: judged groups in, comparisons to people, their preferences out.

There is no model.py here: people do the judging, and nothing that this service imports is heavy.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from ratchet.feedback import metrics
from ratchet.feedback.comparison_pool import ComparisonPool
from ratchet.feedback.config import FeedbackSettings
from ratchet.feedback.grpc_servicer import FeedbackServicer
from ratchet.feedback.pairs import pairs_of
from ratchet.feedback.record_writer import RecordWriter
from ratchet.feedback.standard_book import StandardBook
from ratchet.feedback.submissions import Submissions
from ratchet.process.grpc_server import GrpcServer
from ratchet.process.metrics_exporter import start_exporter
from ratchet.stream.producer import Producer
from ratchet.stream.record import Record
from ratchet.stream.table import Table
from ratchet.stream.topics import (
    JUDGEMENTS,
    LABEL_REQUESTS,
    PREFERENCES,
    STANDARDS,
    Topic,
    ensure_topics,
)
from ratchet.v1.feedback_service_pb2_grpc import add_FeedbackServiceServicer_to_server
from ratchet.v1.judgement_pb2 import JudgedGroup

SERVICE = "feedback"


async def serve(settings: FeedbackSettings, stop: asyncio.Event) -> None:
    """Runs until `stop` is set. All state lives on this event loop."""
    start_exporter(settings.host, settings.metrics_port)
    await asyncio.to_thread(ensure_topics, settings.kafka)
    producer = await asyncio.to_thread(Producer, settings.kafka, SERVICE)
    writer = RecordWriter(producer, settings.delivery_seconds)

    pool = ComparisonPool(
        lease_seconds=settings.lease_seconds,
        repeat_share=settings.repeat_share,
        random_share=settings.random_share,
        pool_size=settings.pool_size,
    )
    standards = StandardBook(
        lambda value: writer.write(STANDARDS, f"{value.standard_id}/{value.version}", value)
    )
    submissions = Submissions(
        pool,
        lambda value: writer.write(
            PREFERENCES, f"{value.comparison.pair_id}/{value.labeler}", value
        ),
    )
    metrics.WAITING_PAIRS.set_function(lambda: len(pool))

    def take_in(judged: JudgedGroup) -> None:
        weights = standards.weights(judged.group.prompt.standard_id, judged.standard_version)
        pool.add(pairs_of(judged, weights, settings.random_share))

    tables = [
        _table(settings, STANDARDS, standards.restore),
        _table(settings, LABEL_REQUESTS, pool.restore_offered),
        _table(settings, PREFERENCES, submissions.restore),
        _table(settings, JUDGEMENTS, take_in),
    ]
    server = GrpcServer(settings.host, settings.port, ["ratchet.v1.FeedbackService"])
    servicer = FeedbackServicer(
        standards,
        pool,
        submissions,
        lambda value: writer.write(LABEL_REQUESTS, value.pair_id, value),
    )
    add_FeedbackServiceServicer_to_server(servicer, server.server)
    try:
        # One after the other: each makes sense of what the next one holds. The port opens last,
        # for an answer given on half of the state could be wrong.
        for table in tables:
            table.start()
            await asyncio.to_thread(table.wait_caught_up, settings.catch_up_seconds)
        await server.start()
        server.set_serving(True)
        await stop.wait()
    finally:
        await server.drain(settings.drain_seconds)
        for table in tables:
            await asyncio.to_thread(table.close)
        await asyncio.to_thread(producer.close)


def _table(
    settings: FeedbackSettings, topic: Topic[Any], restore: Callable[[Any], None]
) -> Table[Any]:
    """Follows a topic from its beginning and applies every record on the event loop."""
    loop = asyncio.get_running_loop()

    def on_record(record: Record[Any]) -> None:
        loop.call_soon_threadsafe(restore, record.value)

    return Table(settings.kafka, topic, SERVICE, on_record)
