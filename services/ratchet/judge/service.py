"""The judge, from start to stop."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from typing import TypeVar

from ratchet.judge.batching import BatchQueue
from ratchet.judge.config import JudgeSettings
from ratchet.judge.grpc_servicer import JudgeServicer, RequestLimits
from ratchet.judge.judgement import judgement
from ratchet.judge.judges.build import JudgeBuilder
from ratchet.judge.judges.local import LocalJudge, LocalLimits
from ratchet.judge.judges.settings import SERVING
from ratchet.judge.loader import VersionLoader
from ratchet.judge.model import load_model
from ratchet.judge.rollout_judge import RolloutJudge
from ratchet.judge.versions import JudgeVersion, Version, Versions
from ratchet.process.config import ConfigError
from ratchet.process.grpc_server import GrpcServer
from ratchet.process.lease import ComputeLease
from ratchet.process.metrics_exporter import start_exporter
from ratchet.reward.packing import TokenGroup
from ratchet.v1 import judge_service_pb2
from ratchet.v1.judge_service_pb2_grpc import add_JudgeServiceServicer_to_server
from ratchet.v1.weights_pb2 import Role
from ratchet.weights.verify import VersionRejected

CATCH_UP_SECONDS = 60.0

V = TypeVar("V", bound=Version)
R = TypeVar("R")
Queue = BatchQueue[V, TokenGroup, R]


async def serve(settings: JudgeSettings, stop: asyncio.Event) -> None:
    """Serves until `stop`; raises ConfigError where it cannot begin."""
    start_exporter(settings.metrics_host, settings.metrics_port)
    if not (settings.trunk / "model.safetensors").is_file():
        raise ConfigError(f"trunk: there is no model.safetensors in {settings.trunk}")
    model = await asyncio.to_thread(load_model, settings.trunk, settings.context_tokens)
    engine = model.engine

    standards: set[str] = set()
    versions: Versions[JudgeVersion] = Versions(standards.__contains__)
    model_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
    scoring: list[asyncio.Task[None]] = []

    def queue_before(score: Callable[[V, Sequence[TokenGroup]], Sequence[R]]) -> Queue[V, R]:
        queue = _queue(settings, model_thread, score)
        scoring.append(asyncio.create_task(queue.run()))
        return queue

    queue = queue_before(engine.score)
    loader = VersionLoader(engine, versions)
    limits = engine.limits
    local = LocalLimits(limits.context_tokens, limits.vocabulary, settings.max_batch_tokens)
    learned = LocalJudge(SERVING, "learned", versions, queue, judgement, model.tokenizer, local)
    async with AsyncExitStack() as opened:
        judges = await JudgeBuilder(settings, learned, queue_before, opened).build()
        request_limits = RequestLimits(settings.max_items, settings.max_text_bytes)
        servicer = JudgeServicer(judges, request_limits)
        server = _server(settings, servicer)
        await server.start()
        judging: list[asyncio.Task[None]] = []
        try:
            if settings.version_folder is not None:
                _serve_folder(settings, loader)
            else:
                following = _following(settings, loader, standards)
                await asyncio.to_thread(opened.enter_context, following)
            if settings.rollouts:
                lease = ComputeLease(settings.compute_lease)
                rollout_judge = RolloutJudge(versions, queue, limits, lease)
                judging.append(asyncio.create_task(_judge_rollouts(settings, rollout_judge)))
            server.set_serving(True)
            await _until(stop, [*scoring, *judging])
        finally:
            # Together: nobody is sent here any more while the last groups are committed.
            await asyncio.gather(_cancel(judging), server.drain(settings.drain_seconds))
            await _cancel(scoring)


def _queue(
    settings: JudgeSettings,
    model_thread: ThreadPoolExecutor,
    score: Callable[[V, Sequence[TokenGroup]], Sequence[R]],
) -> Queue[V, R]:
    """A queue of one model; all models take turns in one thread."""

    async def in_thread(version: V, groups: Sequence[TokenGroup]) -> Sequence[R]:
        return await asyncio.get_running_loop().run_in_executor(
            model_thread, score, version, groups
        )

    return BatchQueue(
        in_thread,
        lambda group: group.length,
        settings.max_batch_tokens,
        settings.max_queue_tokens,
    )


def _server(settings: JudgeSettings, servicer: JudgeServicer) -> GrpcServer:
    name = judge_service_pb2.DESCRIPTOR.services_by_name["JudgeService"].full_name
    server = GrpcServer.of(settings, name)
    add_JudgeServiceServicer_to_server(servicer, server.server)
    return server


def _serve_folder(settings: JudgeSettings, loader: VersionLoader) -> None:
    assert settings.version_folder is not None
    try:
        loader.serve_folder(settings.version_folder)
    except VersionRejected as error:
        raise ConfigError(f"version_folder: {error}") from error


@contextmanager
def _following(
    settings: JudgeSettings, loader: VersionLoader, standards: set[str]
) -> Generator[None]:
    """Keeps versions and standards as the topics say. Blocks until both are caught up."""
    # Kafka's client is imported where it is used: a judge of one folder does without it.
    from ratchet.stream.table import Table
    from ratchet.stream.topics import STANDARDS, ensure_topics
    from ratchet.weights.registry import Registry
    from ratchet.weights.watcher import Watcher

    ensure_topics(settings.kafka)
    registry = Registry(settings.registry)
    table = Table(
        settings.kafka, STANDARDS, "judge", lambda record: standards.add(record.value.standard_id)
    )
    watcher = Watcher(
        settings.kafka, registry, Role.ROLE_JUDGE, "judge", partial(loader.follow, registry)
    )
    try:
        table.start()
        watcher.start()
        table.wait_caught_up(CATCH_UP_SECONDS)
        watcher.wait_caught_up(CATCH_UP_SECONDS)
        yield
    finally:
        watcher.close()
        table.close()


async def _judge_rollouts(settings: JudgeSettings, rollout_judge: RolloutJudge) -> None:
    from ratchet.judge.rollout_worker import RolloutWorker
    from ratchet.stream.processor import TransactionalProcessor
    from ratchet.stream.topics import JUDGEMENTS, ROLLOUTS

    open_processor = partial(
        TransactionalProcessor,
        settings.kafka,
        ROLLOUTS,
        JUDGEMENTS,
        service="judge",
        group="judge",
        transactional_id=settings.instance,
    )
    await RolloutWorker(rollout_judge, open_processor, settings.max_groups_per_poll).run()


async def _until(stop: asyncio.Event, tasks: Sequence[asyncio.Task[None]]) -> None:
    """Returns on `stop`; raises what ended a task that should not end."""
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    for task in done - {stopped}:
        task.result()


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
