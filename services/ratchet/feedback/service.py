"""Feedback: judged groups in, comparisons to people, their preferences out.

There is no model.py here: people do the judging, and nothing that this service imports is heavy.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message

from ratchet.feedback import metrics
from ratchet.feedback.activity import Activity
from ratchet.feedback.audit_log import AuditLog
from ratchet.feedback.comparison_pool import ComparisonPool
from ratchet.feedback.config import FeedbackSettings
from ratchet.feedback.critique_book import CritiqueBook
from ratchet.feedback.grpc_servicer import FeedbackServicer
from ratchet.feedback.history import History
from ratchet.feedback.label_demand import LabelDemand
from ratchet.feedback.labeling_desk import LabelingDesk
from ratchet.feedback.learner_client import LearnerClient
from ratchet.feedback.notices.notifier import Notifier
from ratchet.feedback.notices.rounds import Rounds, channels_of
from ratchet.feedback.notices.watch import Watch
from ratchet.feedback.page.app import labeling_app
from ratchet.feedback.page.seal import Seal, load_key
from ratchet.feedback.page.session import Sessions
from ratchet.feedback.pairs import Shares, pairs_of
from ratchet.feedback.record_writer import RecordWriter
from ratchet.feedback.standard_book import StandardBook
from ratchet.feedback.submissions import Submissions
from ratchet.process.grpc_server import GrpcServer
from ratchet.process.metrics_exporter import start_exporter
from ratchet.process.tenant_book import TenantBook
from ratchet.process.web_server import WebServer
from ratchet.stream.producer import Producer
from ratchet.stream.record import Record
from ratchet.stream.table import Table
from ratchet.stream.topics import (
    AUDIT,
    CRITIQUES,
    GATES,
    JUDGEMENTS,
    LABEL_REQUESTS,
    PREFERENCES,
    STANDARDS,
    WEIGHTS,
    Topic,
    ensure_topics,
)
from ratchet.v1.audit_pb2 import AuditRecord
from ratchet.v1.feedback_service_pb2_grpc import add_FeedbackServiceServicer_to_server
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.preference_pb2 import Comparison, Preference

M = TypeVar("M", bound=Message)

SERVICE = "feedback"
ERASED_PROMPT = "erase.prompt"
"""The action by which `ratchet erase` tells of a prompt."""

log = logging.getLogger(__name__)


async def serve(settings: FeedbackSettings, stop: asyncio.Event) -> None:
    """Runs until `stop` is set. All state lives on this event loop."""
    start_exporter(settings.metrics_host, settings.metrics_port)
    server = GrpcServer.of(settings, "ratchet.v1.FeedbackService")
    web = WebServer(settings.page_host, settings.page_port, settings.tls)
    sessions = Sessions(
        Seal(load_key(settings.page_key_file)),
        TenantBook(settings.auth.keys_file) if settings.auth.keys_file else None,
        over_tls=settings.tls.certificate is not None,
    )
    learner = LearnerClient(settings.learner)
    channels = channels_of(settings.notices)
    await asyncio.to_thread(ensure_topics, settings.kafka)
    producer = await asyncio.to_thread(Producer, settings.kafka, SERVICE)
    writer = RecordWriter(producer, settings.delivery_seconds)

    history, activity, critiques = History(), Activity(), CritiqueBook()

    def demand(standard_id: str) -> LabelDemand:
        return LabelDemand.of(history.gates.get(standard_id))

    shares = Shares(settings.random_share, settings.tail_share)
    pool = ComparisonPool(
        lease_seconds=settings.lease_seconds,
        repeat_share=settings.repeat_share,
        shares=shares,
        pairs_per_version=settings.pairs_per_version,
        pool_size=settings.pool_size,
        demand=demand,
        help_with=critiques.help_with,
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
    audit = AuditLog(
        lambda value: writer.write(AUDIT, f"{value.actor}/{value.at:.6f}", value),
    )
    notifier = Notifier(channels, audit)
    watch = Watch(history, pool, activity, quiet_seconds=settings.notices.quiet_hours * 3600)
    metrics.WAITING_PAIRS.set_function(lambda: len(pool))

    def take_label(record: Record[Preference]) -> None:
        submissions.restore(record.value)
        history.add_label(record.value, record.timestamp_ms / 1000)

    def take_group(record: Record[JudgedGroup]) -> None:
        judged, standard_id = record.value, record.value.group.prompt.standard_id
        if pool.is_erased(judged.group.prompt):
            return
        weights = standards.weights(standard_id, judged.standard_version)
        at = record.timestamp_ms / 1000
        pool.add(pairs_of(judged, weights, shares, at))
        history.add_group(judged, at)

    def take_offered(record: Record[Comparison]) -> None:
        pool.restore_offered(record.value, record.timestamp_ms / 1000)

    def take_deed(record: Record[AuditRecord]) -> None:
        activity.add(record.value)
        notifier.restore(record.value)
        watch.restore(record.value)
        if record.value.action == ERASED_PROMPT:
            pool.forget(record.value.detail)
            history.answers.forget(record.value.detail)

    tables = [
        # First, for it tells what may not be offered again.
        await _table(settings, AUDIT, take_deed),
        await _table(settings, STANDARDS, lambda record: standards.restore(record.value)),
        await _table(settings, LABEL_REQUESTS, take_offered),
        await _table(settings, PREFERENCES, take_label),
        await _table(settings, GATES, lambda record: history.take_gate(record.value)),
        await _table(settings, CRITIQUES, lambda record: critiques.add(record.value)),
        await _table(settings, JUDGEMENTS, take_group),
        await _table(settings, WEIGHTS, lambda record: history.apply_weights(record.value)),
    ]
    desk = LabelingDesk(
        standards,
        pool,
        submissions,
        lambda value: writer.write(LABEL_REQUESTS, value.pair_id, value),
    )
    add_FeedbackServiceServicer_to_server(FeedbackServicer(standards, desk, audit), server.server)
    rounds = Rounds(watch, notifier, learner, standards.newest)
    closing = asyncio.Event()
    page = labeling_app(
        standards,
        desk,
        pool,
        history,
        sessions,
        closing,
        audit=audit,
        activity=activity,
        learner=learner,
        names=settings.page_names,
        marks_wanted=settings.marks_wanted,
    )
    try:
        # The port opens last: an answer given on half of the state could be wrong.
        if await _catch_up(tables, stop):
            await server.start()
            page_port = await web.start(page)
            server.set_serving(True)
            log.info("serving, the page on port %d; %d pairs wait", page_port, len(pool))
            if channels:
                rounds.start()
            await stop.wait()
    finally:
        closing.set()
        await asyncio.gather(
            server.drain(settings.drain_seconds), web.drain(settings.drain_seconds)
        )
        await rounds.stop()
        await audit.drain()
        await learner.close()
        for table in tables:
            await asyncio.to_thread(table.close)
        await asyncio.to_thread(producer.close)


async def _catch_up(tables: Sequence[Table[Any]], stop: asyncio.Event) -> bool:
    """Reads the tables one after the other, for each makes sense of the next; False if stopped."""
    for table in tables:
        table.start()
        caught_up = False
        while not caught_up:
            if stop.is_set():
                return False
            with contextlib.suppress(TimeoutError):
                await asyncio.to_thread(table.wait_caught_up, 1.0)
                caught_up = True
    return True


async def _table(
    settings: FeedbackSettings, topic: Topic[M], take: Callable[[Record[M]], None]
) -> Table[M]:
    """Follows a topic from its beginning and applies every record on the event loop."""
    loop = asyncio.get_running_loop()

    async def apply(record: Record[M]) -> None:
        take(record)

    def on_record(record: Record[M]) -> None:
        # Waits, so that a record that cannot be used raises in the table and is set aside.
        asyncio.run_coroutine_threadsafe(apply(record), loop).result()

    return await asyncio.to_thread(Table, settings.kafka, topic, SERVICE, on_record)
